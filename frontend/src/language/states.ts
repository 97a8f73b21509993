/** The states that an order in dollars may go to, by ISO 3166-2, in English and Japanese. */

import type { Language } from './language';
import type { Place } from './prefectures';

const NAMES: readonly (readonly [string, string, string])[] = [
  ['AL', 'Alabama', 'アラバマ州'], ['AK', 'Alaska', 'アラスカ州'], ['AZ', 'Arizona', 'アリゾナ州'], ['AR', 'Arkansas', 'アーカンソー州'],
  ['CA', 'California', 'カリフォルニア州'], ['CO', 'Colorado', 'コロラド州'], ['CT', 'Connecticut', 'コネチカット州'], ['DE', 'Delaware', 'デラウェア州'],
  ['DC', 'District of Columbia', 'コロンビア特別区'], ['FL', 'Florida', 'フロリダ州'], ['GA', 'Georgia', 'ジョージア州'], ['HI', 'Hawaii', 'ハワイ州'],
  ['ID', 'Idaho', 'アイダホ州'], ['IL', 'Illinois', 'イリノイ州'], ['IN', 'Indiana', 'インディアナ州'], ['IA', 'Iowa', 'アイオワ州'],
  ['KS', 'Kansas', 'カンザス州'], ['KY', 'Kentucky', 'ケンタッキー州'], ['LA', 'Louisiana', 'ルイジアナ州'], ['ME', 'Maine', 'メイン州'],
  ['MD', 'Maryland', 'メリーランド州'], ['MA', 'Massachusetts', 'マサチューセッツ州'], ['MI', 'Michigan', 'ミシガン州'], ['MN', 'Minnesota', 'ミネソタ州'],
  ['MS', 'Mississippi', 'ミシシッピ州'], ['MO', 'Missouri', 'ミズーリ州'], ['MT', 'Montana', 'モンタナ州'], ['NE', 'Nebraska', 'ネブラスカ州'],
  ['NV', 'Nevada', 'ネバダ州'], ['NH', 'New Hampshire', 'ニューハンプシャー州'], ['NJ', 'New Jersey', 'ニュージャージー州'], ['NM', 'New Mexico', 'ニューメキシコ州'],
  ['NY', 'New York', 'ニューヨーク州'], ['NC', 'North Carolina', 'ノースカロライナ州'], ['ND', 'North Dakota', 'ノースダコタ州'], ['OH', 'Ohio', 'オハイオ州'],
  ['OK', 'Oklahoma', 'オクラホマ州'], ['OR', 'Oregon', 'オレゴン州'], ['PA', 'Pennsylvania', 'ペンシルベニア州'], ['RI', 'Rhode Island', 'ロードアイランド州'],
  ['SC', 'South Carolina', 'サウスカロライナ州'], ['SD', 'South Dakota', 'サウスダコタ州'], ['TN', 'Tennessee', 'テネシー州'], ['TX', 'Texas', 'テキサス州'],
  ['UT', 'Utah', 'ユタ州'], ['VT', 'Vermont', 'バーモント州'], ['VA', 'Virginia', 'バージニア州'], ['WA', 'Washington', 'ワシントン州'],
  ['WV', 'West Virginia', 'ウェストバージニア州'], ['WI', 'Wisconsin', 'ウィスコンシン州'], ['WY', 'Wyoming', 'ワイオミング州'],
];

export function states(language: Language): Place[] {
  return NAMES.map(([code, english, japanese]) => ({ region: `US-${code}`, name: language === 'ja' ? japanese : english }));
}
