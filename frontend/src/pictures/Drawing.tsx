/** The things themselves, each a few shapes in its palette. `chance` varies what may vary: how many, how tall, how turned. */

import type { ReactElement } from 'react';
import type { Motif } from './motif';
import type { Palette } from './ProductPicture';

interface Props {
  motif: Motif;
  palette: Palette;
  chance: () => number;
  letter: string;
}

type Draw = (palette: Palette, chance: () => number, letter: string) => ReactElement;

const turns = (count: number) => Array.from({ length: count }, (_, position) => position);

const DRAWINGS: Record<Motif, Draw> = {
  bag: (p, _, letter) => (
    <g>
      <path d="M38 40q22-7 44 0l5 52q-27 9-54 0z" fill={p.main} />
      <path d="M42 40q-2-9 4-14h28q6 5 4 14-18 5-36 0z" fill={p.ink} />
      <rect x="46" y="52" width="28" height="30" rx="2" fill={p.second} />
      <text x="60" y="74" textAnchor="middle" fontSize="20" fill={p.ink} fontFamily="serif">{letter}</text>
      <path d="M44 31h32" stroke={p.accent} strokeWidth="3" />
    </g>
  ),
  bowl: (p) => (
    <g>
      <path d="M30 58q30-26 60 0z" fill={p.second} stroke={p.ink} strokeWidth="1" />
      <path d="M26 58h68q-2 32-24 36H50q-22-4-24-36z" fill={p.main} />
      <path d="M30 68q30 8 60 0" fill="none" stroke={p.second} strokeWidth="2" />
    </g>
  ),
  onigiri: (p, chance) => (
    <g transform={`rotate(${chance() * 8 - 4} 60 64)`}>
      <path d="M60 26q7 0 11 7l20 42q5 13-8 17-23 5-46 0-13-4-8-17l20-42q4-7 11-7z" fill="#fffdf6" stroke={p.ink} strokeWidth="1.2" />
      <path d="M45 68h30v25q-15 2-30 0z" fill="#27352c" />
      <circle cx="60" cy="54" r="6" fill={p.accent} />
      {turns(7).map((n) => (
        <path key={n} d={`M${42 + n * 6} ${60 - (n % 3) * 7}l2 1.6`} stroke={p.pattern} strokeWidth="1.6" strokeLinecap="round" />
      ))}
    </g>
  ),
  noodles: (p) => (
    <g>
      {turns(13).map((n) => (
        <path key={n} d={`M${36 + n * 4} 26q${n % 2 ? 2.6 : -2.6} 33 0 68`} fill="none" stroke={n % 3 ? '#ead9ae' : p.main} strokeWidth="3" strokeLinecap="round" />
      ))}
      <rect x="31" y="50" width="58" height="19" fill={p.accent} />
      <rect x="31" y="57" width="58" height="5" fill={p.second} />
    </g>
  ),
  bottle: (p, _, letter) => (
      <g>
        <path d="M53 24h14v14q13 7 13 20v30q0 6-6 6H46q-6 0-6-6V58q0-13 13-20z" fill={p.main} />
        <path d="M52 19h16v9H52z" fill={p.ink} />
        <rect x="44" y="60" width="32" height="24" fill={p.second} />
        <text x="60" y="78" textAnchor="middle" fontSize="17" fill={p.ink} fontFamily="serif">{letter}</text>
        <path d="M45 57q2-10 9-14" fill="none" stroke="#fff" strokeWidth="2.4" opacity=".5" strokeLinecap="round" />
      </g>
  ),
  jar: (p, chance) => (
    <g>
      <rect x="40" y="28" width="40" height="11" rx="2" fill={p.ink} />
      <path d="M38 41h44q4 5 4 14v31q0 8-8 8H42q-8 0-8-8V55q0-9 4-14z" fill={p.main} />
      {turns(8).map((n) => (
        <circle key={n} cx={43 + chance() * 34} cy={50 + chance() * 38} r={2 + chance() * 3} fill={p.second} opacity=".65" />
      ))}
      <rect x="34" y="60" width="52" height="17" fill={p.accent} />
    </g>
  ),
  tub: (p, _, letter) => (
    <g>
      <path d="M34 44h52l-4 44q-1 6-7 6H45q-6 0-7-6z" fill={p.main} />
      <path d="M38 44q22-22 44 0z" fill="#a8703a" />
      <path d="M44 38q16-10 32 0" fill="none" stroke="#c99557" strokeWidth="3" />
      <rect x="31" y="42" width="58" height="7" rx="3" fill={p.ink} />
      <circle cx="60" cy="71" r="14" fill={p.second} />
      <text x="60" y="77" textAnchor="middle" fontSize="17" fill={p.ink} fontFamily="serif">{letter}</text>
    </g>
  ),
  leaf: (p, chance) => (
    <g>
      {turns(5).map((n) => (
        <g key={n} transform={`rotate(${-56 + n * 28 + chance() * 7} 60 88)`}>
          <path d="M60 88Q47 62 60 36q13 26 0 52z" fill={n % 2 ? '#5f8a5a' : '#7ba46a'} stroke="#3d6142" strokeWidth="1" />
          <path d="M60 86V44" stroke="#3d6142" strokeWidth="1" />
        </g>
      ))}
      <path d="M40 92q20 8 40 0" fill="none" stroke={p.ink} strokeWidth="3" strokeLinecap="round" />
    </g>
  ),
  tin: (p, _, letter) => (
    <g>
      <path d="M36 44v44q24 12 48 0V44z" fill={p.main} />
      <ellipse cx="60" cy="44" rx="24" ry="7" fill={p.ink} />
      <path d="M36 44v-9q24 10 48 0v9q-24 11-48 0z" fill={p.ink} />
      <ellipse cx="60" cy="35" rx="24" ry="7" fill={p.accent} />
      <rect x="48" y="57" width="24" height="26" fill={p.second} />
      <text x="60" y="77" textAnchor="middle" fontSize="18" fill={p.ink} fontFamily="serif">{letter}</text>
    </g>
  ),
  sheet: (p) => (
    <g>
      {turns(4).map((n) => (
        <path key={n} d={`M${30 + n * 5} ${40 + n * 5}q22-9 44 0v${42 - n * 3}q-22-8-44 0z`} fill={n === 3 ? '#2c4436' : '#1d2f26'} opacity={0.7 + n * 0.1} stroke="#466253" strokeWidth=".8" />
      ))}
      <path d="M28 72h64" stroke={p.accent} strokeWidth="5" />
    </g>
  ),
  mushroom: (_, chance) => (
    <g>
      {[{ x: 46, y: 62, s: 0.8 }, { x: 74, y: 66, s: 0.7 }, { x: 60, y: 54, s: 1.1 }].map(({ x, y, s }) => (
        <g key={x} transform={`translate(${x} ${y}) scale(${s}) rotate(${chance() * 14 - 7})`}>
          <path d="M-7 0h14l2 34q-9 5-18 0z" fill="#efe3cb" />
          <path d="M-27 3Q-25-25 0-26 25-25 27 3q-27 9-54 0z" fill="#8a5a36" />
          <path d="M-9-17l4 4-5 4M6-19l3 5 6-2M-1-7l4 3-3 4" fill="none" stroke="#efe3cb" strokeWidth="2.2" />
        </g>
      ))}
    </g>
  ),
  'round-fruit': (p, chance) => {
    const colours = ['#c4432f', '#e08a2e', '#dd7325', '#d7b42f'];
    const colour = colours[Math.floor(chance() * colours.length)];
    return (
      <g>
        {[{ x: 43, y: 76, r: 18 }, { x: 78, y: 76, r: 18 }, { x: 60, y: 54, r: 21 }].map(({ x, y, r }) => (
          <g key={x}>
            <circle cx={x} cy={y} r={r} fill={colour} />
            <path d={`M${x - r * 0.55} ${y - r * 0.35}q4-7 10-8`} fill="none" stroke="#fff" strokeWidth="2.6" opacity=".55" strokeLinecap="round" />
            <path d={`M${x} ${y - r + 3}v-7`} stroke={p.ink} strokeWidth="2.2" strokeLinecap="round" />
            <path d={`M${x} ${y - r - 2}q8-7 14-2-7 6-14 2z`} fill="#5f8a5a" />
          </g>
        ))}
      </g>
    );
  },
  grapes: (p) => (
    <g>
      {[4, 5, 4, 3, 2, 1].flatMap((count, row) =>
        turns(count).map((n) => (
          <circle key={`${row}.${n}`} cx={60 + (n - (count - 1) / 2) * 13} cy={43 + row * 10} r="7.6" fill={(row + n) % 3 ? '#4e3763' : '#6b4d82'} stroke="#38254a" strokeWidth=".8" />
        )),
      )}
      <path d="M60 38V24M60 28q12-9 22-2-9 9-22 2z" stroke={p.ink} strokeWidth="2" fill="#5f8a5a" />
    </g>
  ),
  root: () => <Root flesh="#c78346" skin="#9c5f2c" />,
  'white-root': () => <Root flesh="#f7f4ea" skin="#c2baa4" />,
  stalks: (p) => (
    <g>
      {[-10, 0, 10].map((turn) => (
        <g key={turn} transform={`rotate(${turn} 60 92)`}>
          <path d="M55 94V48h10v46z" fill="#f3f1dc" />
          <path d="M55 52V30q2-8 5-12 3 4 5 12v22z" fill="#5f8a5a" />
          <path d="M60 40V20" stroke="#3d6142" strokeWidth="1" />
        </g>
      ))}
      <rect x="44" y="68" width="32" height="7" fill={p.accent} />
    </g>
  ),
  block: (p) => (
    <g>
      <path d="M32 52l28-14 28 14-28 14z" fill="#fffdf6" />
      <path d="M32 52l28 14v28L32 80z" fill="#ece5d3" />
      <path d="M88 52L60 66v28l28-14z" fill="#ddd4bd" />
      <path d="M50 50q10-5 20 0" fill="none" stroke={p.main} strokeWidth="5" strokeLinecap="round" />
      <circle cx="60" cy="45" r="3" fill={p.accent} />
    </g>
  ),
  eggs: (p) => (
    <g>
      {[40, 60, 80].map((x, n) => (
        <path key={x} d={`M${x} 40q12 6 12 20 0 13-12 13t-12-13q0-14 12-20z`} fill={n === 1 ? '#e8c9a2' : '#f6e7cf'} stroke="#c9a478" strokeWidth=".8" />
      ))}
      <path d="M24 66h72l-6 26q-30 6-60 0z" fill={p.main} />
      <path d="M26 76h68" stroke={p.second} strokeWidth="2" strokeDasharray="5 4" />
    </g>
  ),
  wagashi: (p, chance) => {
    const petals = 5 + Math.floor(chance() * 3);
    return (
      <g>
        <ellipse cx="60" cy="86" rx="38" ry="9" fill={p.ink} />
        <ellipse cx="60" cy="83" rx="38" ry="9" fill={p.second} stroke={p.ink} strokeWidth=".8" />
        {turns(petals).map((n) => (
          <ellipse key={n} transform={`rotate(${(360 / petals) * n} 60 58)`} cx="60" cy="44" rx="11" ry="15" fill={p.main} stroke={p.second} strokeWidth="1.4" />
        ))}
        <circle cx="60" cy="58" r="8" fill="#e7c25a" />
      </g>
    );
  },
  cracker: (p) => (
    <g>
      {[{ x: 47, y: 70 }, { x: 74, y: 72 }, { x: 60, y: 52 }].map(({ x, y }) => (
        <g key={x}>
          <circle cx={x} cy={y} r="22" fill="#c9893f" stroke="#8d5a22" strokeWidth="1.4" />
          <path d={`M${x - 12} ${y - 6}l5-3M${x + 4} ${y - 12}l5 3M${x - 5} ${y + 9}l6 2M${x + 9} ${y + 6}l4-4`} stroke="#8d5a22" strokeWidth="1.6" />
        </g>
      ))}
      <rect x="50" y="36" width="20" height="32" fill="#27352c" stroke={p.ink} strokeWidth=".4" />
    </g>
  ),
  glass: (p) => (
    <g>
      <path d="M40 28h40l-5 62q-1 4-5 4H50q-4 0-5-4z" fill="#fff" opacity=".75" stroke={p.ink} strokeWidth="1.4" />
      <path d="M42 50q9-5 18 0t18 0l-3.4 38q-.5 4-4.6 4H50q-4 0-4.6-4z" fill={p.main} opacity=".75" />
      <circle cx="54" cy="66" r="2.5" fill="#fff" opacity=".8" />
      <circle cx="65" cy="76" r="3.2" fill="#fff" opacity=".8" />
    </g>
  ),
  can: (p, _, letter) => (
    <g>
      {[38, 60, 82].map((x, n) => (
        <g key={x} transform={`translate(${x} ${n === 1 ? 62 : 56})`}>
          <path d="M-13-26h26v48q-13 6-26 0z" fill={n === 1 ? p.main : p.ink} />
          <ellipse cx="0" cy="-26" rx="13" ry="4" fill={p.pattern} stroke={p.ink} strokeWidth=".8" />
          <circle cx="0" cy="-2" r="9" fill={p.second} />
          {n === 1 && <text x="0" y="3.5" textAnchor="middle" fontSize="11" fill={p.ink} fontFamily="serif">{letter}</text>}
        </g>
      ))}
    </g>
  ),
  pot: (p) => (
    <g>
      <path d="M34 52q26-24 52 0z" fill={p.main} />
      <ellipse cx="60" cy="37" rx="7" ry="4" fill={p.ink} />
      <path d="M26 54h68q0 36-22 40H48Q26 90 26 54z" fill={p.ink} />
      <path d="M18 58h10v8H18zM92 58h10v8H92z" fill={p.ink} />
      <path d="M32 68q28 8 56 0" fill="none" stroke={p.second} strokeWidth="1.6" opacity=".7" />
    </g>
  ),
  cloth: (p) => (
    <g>
      <path d="M32 34h56v58q-14-6-28 0t-28 0z" fill={p.main} />
      {turns(12).map((n) => (
        <circle key={n} cx={41 + (n % 4) * 12.5} cy={45 + Math.floor(n / 4) * 14} r="6" fill="none" stroke={p.second} strokeWidth="1.8" />
      ))}
      <path d="M32 34h56" stroke={p.ink} strokeWidth="4" />
    </g>
  ),
  chopsticks: (p) => (
    <g>
      <path d="M44 24l6-1 12 70h-3z" fill="#a2603a" />
      <path d="M62 24l6 1-6 68h-3z" fill="#8a4d2d" />
      <path d="M36 78q24-10 48 0v8q-24-10-48 0z" fill={p.accent} />
    </g>
  ),
  brush: () => (
    <g>
      {turns(36).map((n) => (
        <path key={n} transform={`rotate(${n * 10} 60 62)`} d="M60 62V34" stroke={n % 2 ? '#7a5230' : '#9a6d43'} strokeWidth="4" strokeLinecap="round" />
      ))}
      <ellipse cx="60" cy="62" rx="12" ry="9" fill="#5d3c20" />
      <circle cx="60" cy="28" r="6" fill="none" stroke="#8d8779" strokeWidth="2.5" />
    </g>
  ),
  box: (p, _, letter) => (
    <g>
      <path d="M30 52h60v40H30z" fill={p.main} />
      <path d="M30 52l10-12h40l10 12z" fill={p.ink} />
      <path d="M48 44q12-24 24 0z" fill="#fffdf6" />
      <circle cx="60" cy="72" r="12" fill={p.second} />
      <text x="60" y="78" textAnchor="middle" fontSize="16" fill={p.ink} fontFamily="serif">{letter}</text>
    </g>
  ),
  plum: (p) => (
    <g>
      <path d="M28 68h64q-4 26-26 26H54q-22 0-26-26z" fill={p.second} stroke={p.ink} strokeWidth="1.4" />
      {[{ x: 46, y: 62 }, { x: 74, y: 62 }, { x: 60, y: 52 }].map(({ x, y }) => (
        <g key={x}>
          <circle cx={x} cy={y} r="14" fill="#b3342a" />
          <path d={`M${x - 7} ${y - 3}q7 5 14-1M${x - 4} ${y + 5}q5 3 9-1`} fill="none" stroke="#7e1f1a" strokeWidth="1.4" />
        </g>
      ))}
      <path d="M28 68h64" stroke={p.ink} strokeWidth="2" />
    </g>
  ),
  flakes: (p, chance) => (
    <g>
      <path d="M34 70h52l-6 24H40z" fill={p.main} />
      {turns(16).map((n) => (
        <path key={n} transform={`translate(${40 + chance() * 40} ${44 + chance() * 26}) rotate(${chance() * 180})`} d="M-9 0q5-7 18-3-8 6-18 3z" fill={n % 2 ? '#d8a878' : '#c08a5c'} />
      ))}
    </g>
  ),
  crest: (p, chance, letter) => {
    const petals = 6 + Math.floor(chance() * 4);
    return (
      <g>
        <circle cx="60" cy="60" r="34" fill={p.main} />
        {turns(petals).map((n) => (
          <ellipse key={n} transform={`rotate(${(360 / petals) * n} 60 60)`} cx="60" cy="37" rx="7" ry="11" fill="none" stroke={p.second} strokeWidth="2" />
        ))}
        <circle cx="60" cy="60" r="17" fill={p.second} />
        <text x="60" y="67" textAnchor="middle" fontSize="20" fill={p.ink} fontFamily="serif">{letter}</text>
      </g>
    );
  },
};

function Root({ flesh, skin }: { flesh: string; skin: string }) {
  return (
    <g transform="rotate(28 60 60)">
      <path d="M48 40q12-8 24 0 3 26-9 54-1 3-3 0-14-28-12-54z" fill={flesh} stroke={skin} strokeWidth="1.2" />
      <path d="M54 56h9M58 68h8M55 80h6" stroke={skin} strokeWidth="1.4" />
      {[-24, -8, 8, 24].map((turn) => (
        <path key={turn} transform={`rotate(${turn} 60 40)`} d="M60 40Q53 24 60 10q7 14 0 30z" fill="#5f8a5a" />
      ))}
    </g>
  );
}

export function Drawing({ motif, palette, chance, letter }: Props) {
  return DRAWINGS[motif](palette, chance, letter);
}
