/** Headers on every answer, whatever it is. `host` is the checked Host header; undefined: it was refused. */
export function securityHeaders(host: string | undefined, requestId: string): Readonly<Record<string, string>> {
  const sockets = host === undefined ? '' : ` ws://${host}`;
  return {
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
      `connect-src 'self'${sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    'Cache-Control': 'no-store',
    Vary: 'Origin',
    'X-Request-Id': requestId,
  };
}
