// An OpenID Connect provider for tests/oidc.rs: the library's own endpoints and log-in form, on a free
// port of this machine, with accounts given in OIDC_ACCOUNTS (JSON: log-in name to claims) and one
// client. Prints its issuer when it is ready.
//
// What a genuine provider never does is done to the ID tokens of accounts that have a claim
// `test_forge`: signed again with this server's key (or another) after a change, so that nothing but
// the change is wrong with them.

import { createServer } from "node:http";
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from "jose";
import Provider from "oidc-provider";

const accounts = JSON.parse(process.env.OIDC_ACCOUNTS ?? "{}");
const kid = `key-${Date.now()}`;
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const foreign = await generateKeyPair("RS256");
const key = { ...(await exportJWK(privateKey)), kid, use: "sig", alg: "RS256" };

const server = createServer();
await new Promise((ready) =>
  server.listen(Number(process.env.OIDC_PORT ?? 0), "127.0.0.1", ready),
);
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: process.env.OIDC_CLIENT_ID,
      client_secret: process.env.OIDC_CLIENT_SECRET,
      redirect_uris: process.env.OIDC_REDIRECTS.split(" "),
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  jwks: { keys: [key] },
  cookies: { keys: ["for-tests-only"] },
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name", "groups"],
  },
  pkce: { required: () => true },
  findAccount: (_, id) =>
    accounts[id] && {
      accountId: id,
      claims: () => ({ sub: id, ...accounts[id] }),
    },
});

const forgeries = {
  audience: (claims) => [{ ...claims, aud: "another-client" }, privateKey],
  issuer: (claims) => [{ ...claims, iss: "http://127.0.0.1:1" }, privateKey],
  expired: (claims) => [{ ...claims, iat: 1, exp: 2 }, privateKey],
  key: (claims) => [claims, foreign.privateKey],
};

provider.use(async (context, next) => {
  await next();
  const token = context.body?.id_token;
  const forge = token && accounts[decodeJwt(token).sub]?.test_forge;
  if (forge) {
    const [claims, signer] = forgeries[forge](decodeJwt(token));
    const jwt = new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid });
    context.body = { ...context.body, id_token: await jwt.sign(signer) };
  }
});

server.on("request", provider.callback());
console.log(`issuer ${issuer}`);
