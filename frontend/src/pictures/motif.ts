/** Which drawing a product gets: by what its titles say, else by its category, else a crest with its first letter. */

export type Motif =
  | 'bag' | 'bowl' | 'onigiri' | 'noodles' | 'bottle' | 'jar' | 'tub' | 'leaf' | 'tin' | 'sheet' | 'mushroom' | 'round-fruit' | 'grapes'
  | 'root' | 'white-root' | 'stalks' | 'block' | 'eggs' | 'wagashi' | 'cracker' | 'glass' | 'can' | 'pot' | 'cloth' | 'chopsticks' | 'brush' | 'box'
  | 'plum' | 'flakes' | 'crest';

/** Words of the English title and what they look like; the first that fits wins. */
const BY_WORD: readonly (readonly [RegExp, Motif])[] = [
  [/rice ball|onigiri/, 'onigiri'],
  [/rice cracker|senbei|cracker/, 'cracker'],
  [/vinegar|soy sauce(?! ramen)|mirin|ponzu|oil|cooking sake|dressing|liqueur|sake|wine|amazake|syrup/, 'bottle'],
  [/miso/, 'tub'],
  [/udon|soba|somen|ramen|noodle|pasta|spaghetti/, 'noodles'],
  [/matcha|tin\b/, 'tin'],
  [/tea|sencha|gyokuro|h[oō]jicha|genmaicha/, 'leaf'],
  [/lager|beer|ale\b|stout|soda|cola/, 'can'],
  [/water|juice|drink/, 'glass'],
  [/apple|mandarin|orange|persimmon|yuzu|lemon|peach|pear|melon|tomato/, 'round-fruit'],
  [/grape|berry|berries|cherr/, 'grapes'],
  [/daikon|radish|turnip/, 'white-root'],
  [/carrot|takuan|sweet potato|potato/, 'root'],
  [/onion|leek|celery|asparagus|spinach/, 'stalks'],
  [/shiitake|mushroom/, 'mushroom'],
  [/kelp|kombu|nori|wakame|seaweed/, 'sheet'],
  [/bonito|flakes|cereal|oat/, 'flakes'],
  [/tofu|butter|cheese|natto/, 'block'],
  [/egg/, 'eggs'],
  [/umeboshi|plum/, 'plum'],
  [/kimchi|pickle|jam|honey|salt|pepper|spice|sugar/, 'jar'],
  [/y[oō]kan|dorayaki|daifuku|mochi|cake|sweet|candy|chocolate/, 'wagashi'],
  [/pot\b|pan\b|donabe/, 'pot'],
  [/cloth|towel|tenugui|furoshiki/, 'cloth'],
  [/chopstick/, 'chopsticks'],
  [/brush/, 'brush'],
  [/tissue|paper|box/, 'box'],
  [/rice|grain|flour|bean|seed/, 'bag'],
];

const BY_CATEGORY: readonly (readonly [RegExp, Motif])[] = [
  [/rice ball/, 'onigiri'],
  [/rice|grain/, 'bag'],
  [/noodle|pasta/, 'noodles'],
  [/soy|seasoning|sauce|oil/, 'bottle'],
  [/stock|dried/, 'flakes'],
  [/tea|coffee/, 'leaf'],
  [/fruit/, 'round-fruit'],
  [/vegetable|produce/, 'root'],
  [/tofu|egg|dairy/, 'block'],
  [/pickle/, 'jar'],
  [/sweet|snack|bakery/, 'wagashi'],
  [/beer|sake|wine|spirits/, 'bottle'],
  [/drink|beverage/, 'glass'],
  [/household|kitchen/, 'box'],
];

export function motifOf(title: string, category: string): Motif {
  const find = (table: readonly (readonly [RegExp, Motif])[], text: string) =>
    table.find(([words]) => words.test(text.toLowerCase()))?.[1];
  return find(BY_WORD, title) ?? find(BY_CATEGORY, category) ?? 'crest';
}
