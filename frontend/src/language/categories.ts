/**
 * The names of the sample shop's categories in Japanese. The catalog keeps one name for a category, in whatever language it was
 * given; a category that is not here is shown under that name.
 */

import type { Language } from './language';

const JAPANESE: Record<string, string> = {
  Drinks: '飲みもの',
  Fruit: '果物',
  Household: '暮らしの道具',
  'Miso & soy': '味噌・醤油',
  Noodles: '麺',
  Pickles: '漬物',
  Rice: '米',
  'Rice balls': 'おにぎり',
  'Sake & beer': '酒',
  Seasoning: '調味料',
  'Stock & dried': '出汁・乾物',
  Sweets: '菓子',
  Tea: '茶',
  'Tofu & eggs': '豆腐・卵',
  Vegetables: '野菜',
};

export function categoryName(name: string, language: Language): string {
  return (language === 'ja' && JAPANESE[name]) || name;
}
