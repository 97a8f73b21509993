/**
 * A product's picture, drawn by us from what the catalog says of it: the same product always looks the same. It says nothing that
 * its title does not, so readers of the page are not told of it.
 */

import { memo } from 'react';
import { Ground } from './Ground';
import { Drawing } from './Drawing';
import { motifOf } from './motif';
import { drawFrom, hash } from './seed';

interface Props {
  title: Record<string, string>;
  category: string;
}

/** Traditional ground colours, each with the colours that are drawn on it. */
const PALETTES = [
  { ground: '#e4ebe3', pattern: '#cfdccd', ink: '#2f4d3a', main: '#5f8a5a', second: '#f6f1e4', accent: '#b3432f' },
  { ground: '#f1e6d3', pattern: '#e5d5b8', ink: '#5b3d1e', main: '#b07a3a', second: '#fbf6ea', accent: '#213a63' },
  { ground: '#e2e7ef', pattern: '#cdd6e4', ink: '#1f3557', main: '#4a6a9c', second: '#f7f5ee', accent: '#b3432f' },
  { ground: '#f2dfd8', pattern: '#e7cbc1', ink: '#6b2a20', main: '#c05b42', second: '#fbf3ea', accent: '#3f6644' },
  { ground: '#eae2ec', pattern: '#dacfdf', ink: '#46305a', main: '#7d5c94', second: '#f8f4ee', accent: '#b07a3a' },
  { ground: '#f3edcf', pattern: '#e6dcb0', ink: '#5c4a12', main: '#c79a2b', second: '#fdfaf0', accent: '#8d3a2a' },
] as const;

export type Palette = (typeof PALETTES)[number];

export const ProductPicture = memo(function ProductPicture({ title, category }: Props) {
  const name = title.en ?? title.ja ?? '';
  const chance = drawFrom(hash(`${category}/${name}`));
  const palette = PALETTES[Math.floor(chance() * PALETTES.length)] ?? PALETTES[0];
  const motif = motifOf(name, category);
  const id = `p${hash(`${category}/${name}`).toString(36)}`;
  return (
    <svg className="picture" viewBox="0 0 120 120" aria-hidden="true" focusable="false" data-motif={motif}>
      <Ground id={id} kind={Math.floor(chance() * 4)} palette={palette} />
      <ellipse cx="60" cy="98" rx="36" ry="4.5" fill={palette.ink} opacity=".13" />
      <Drawing motif={motif} palette={palette} chance={chance} letter={(title.ja ?? name).slice(0, 1)} />
    </svg>
  );
});
