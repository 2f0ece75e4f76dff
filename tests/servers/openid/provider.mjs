// An OpenID provider as others have written it, for tests: node provider.mjs PORT REDIRECT_ADDRESS
// Whoever signs in there is who they say they are, by any password.
import Provider from 'oidc-provider';

const [port, back] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: 'portal', client_secret: 'a secret of two', redirect_uris: [back] }],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: true,
  pkce: { required: () => true },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, name: `${id} Lima`, preferred_username: id, email: `${id}@example.org`, email_verified: true,
    }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log(`listening at ${issuer}`));
