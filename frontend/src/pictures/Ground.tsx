/** The ground of a picture: a pattern as it is dyed on cloth. */

import type { Palette } from './ProductPicture';

interface Props {
  id: string;
  /** 0 waves, 1 hemp leaf, 2 checks, 3 arrow feathers. */
  kind: number;
  palette: Palette;
}

export function Ground({ id, kind, palette }: Props) {
  const line = { fill: 'none', stroke: palette.pattern, strokeWidth: 1.4 };
  const patterns = [
    <pattern key="waves" id={id} width="24" height="12" patternUnits="userSpaceOnUse">
      {[0, 12, 24].map((x) => (
        <g key={x} {...line}>
          {[11, 7.5, 4].map((r) => (
            <circle key={r} cx={x} cy={x === 12 ? 6 : 12} r={r} />
          ))}
        </g>
      ))}
    </pattern>,
    <pattern key="hemp" id={id} width="24" height="41.6" patternUnits="userSpaceOnUse">
      <path
        {...line}
        d="M0 0 12 20.8 24 0M0 41.6 12 20.8 24 41.6M12 0v41.6M0 0v41.6M24 0v41.6M0 20.8l12-6.9 12 6.9-12 6.9zM0 0l12 6.9L24 0M0 41.6l12-6.9 12 6.9"
      />
    </pattern>,
    <pattern key="checks" id={id} width="24" height="24" patternUnits="userSpaceOnUse">
      <path fill={palette.pattern} opacity=".6" d="M0 0h12v12H0zM12 12h12v12H12z" />
    </pattern>,
    <pattern key="feathers" id={id} width="20" height="26" patternUnits="userSpaceOnUse">
      <path fill={palette.pattern} opacity=".55" d="M0 0l5 6v13l-5-6zM10 0 5 6v13l5-6zM10 13l5 6v7h-5zM20 13l-5 6v7h5zM10 0l5 6V0zM20 0l-5 6V0z" />
    </pattern>,
  ];
  return (
    <>
      <defs>{patterns[kind] ?? patterns[0]}</defs>
      <rect width="120" height="120" fill={palette.ground} />
      <rect width="120" height="120" fill={`url(#${id})`} />
      <circle cx="60" cy="58" r="43" fill={palette.second} opacity=".78" />
    </>
  );
}
