/** The shop's mark: a ring behind a divided curtain. */

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
      <circle cx="20" cy="20" r="18" fill="none" stroke="currentColor" strokeWidth="2.4" />
      <path d="M9 12h22" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />
      <path d="M11 14h5.400v13q-2.7 1.2-5.4 0zM17.3 14h5.400v11q-2.7 1.2-5.4 0zM23.6 14H29v13q-2.7 1.2-5.4 0z" fill="currentColor" />
    </svg>
  );
}
