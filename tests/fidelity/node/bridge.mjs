// Makes calls with Google's own clients for Node: one JSON line in, one JSON line out, in order.
//
// {api, method: "events.insert", params, rootUrl, credentials, auth, options}
//   -> {answer: {status, headers, data}, credentials} or {error: {name, code, status, message, data, …}, credentials}

import { createInterface } from 'node:readline';
import { calendar } from '@googleapis/calendar';
import { meet } from '@googleapis/meet';
import { OAuth2Client, JWT } from 'google-auth-library';

const apis = { calendar: [calendar, 'v3'], meet: [meet, 'v2'] };

const made = new Map();

function authOf({ kind, credentials, ...options }) {
  if (kind === 'jwt') return new JWT(options);
  const auth = new OAuth2Client(options);
  auth.setCredentials(credentials);
  return auth;
}

function clientOf({ api, rootUrl, auth }) {
  const key = JSON.stringify([api, rootUrl, auth]);
  if (!made.has(key)) {
    const [build, version] = apis[api];
    const signedIn = authOf(auth);
    made.set(key, { auth: signedIn, api: build({ version, auth: signedIn, rootUrl }) });
  }
  return made.get(key);
}

function outcomeOf(error) {
  return {
    name: error.constructor.name,
    code: error.code,
    status: error.status,
    message: error.message,
    data: error.response?.data,
    headers: error.response && Object.fromEntries(new Headers(error.response.headers)),
  };
}

async function call(wanted) {
  const client = clientOf(wanted);
  const path = wanted.method.split('.');
  const name = path.pop();
  const resource = path.reduce((inner, part) => inner[part], client.api);
  const credentials = () => client.auth.credentials;
  try {
    const { status, headers, data } = await resource[name](wanted.params, wanted.options);
    const answer = { status, headers: Object.fromEntries(new Headers(headers)), data };
    return { answer, credentials: credentials() };
  } catch (error) {
    return { error: outcomeOf(error), credentials: credentials() };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await call(JSON.parse(line))) + '\n');
}
