// What the providers' own libraries make of a webhook. Reads a list of questions from standard input, answers each:
//   { sdk, ask: "sign", secret, body }             -> headers
//   { sdk, ask: "verify", secret, body, headers }  -> true or false
// Started by sdks.py in the folder where the libraries were installed.

import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const require = createRequire(join(process.cwd(), "here.js"));
const { verifySlackRequest } = require("@slack/bolt");
const { Webhook: Svix } = require("svix");
const { Webhook: Standard } = require("standardwebhooks");
const Stripe = require("stripe");
// This one is a module only, which `require` does not find.
const octokit = await import(join(process.cwd(), "node_modules/@octokit/webhooks-methods/dist-node/index.js"));

const stripe = new Stripe("sk_test_unused");
const json = { "content-type": "application/json" };

function standard(Webhook, prefix) {
  return {
    sign(secret, body, id) {
      const now = new Date();
      return {
        ...json,
        [`${prefix}-id`]: id,
        [`${prefix}-timestamp`]: String(Math.floor(now / 1000)),
        [`${prefix}-signature`]: new Webhook(secret).sign(id, now, body),
      };
    },
    verify: (secret, body, headers) => new Webhook(secret).verify(body, headers),
  };
}

const SDKS = {
  stripe: {
    sign: (secret, body) => ({ ...json, "stripe-signature": stripe.webhooks.generateTestHeaderString({ payload: body, secret }) }),
    verify: (secret, body, headers) => stripe.webhooks.constructEvent(body, headers["stripe-signature"], secret),
  },
  github: {
    sign: async (secret, body, id) => ({
      ...json,
      "x-github-event": "push",
      "x-github-delivery": id,
      "x-hub-signature-256": await octokit.sign(secret, body),
    }),
    async verify(secret, body, headers) {
      if (!(await octokit.verify(secret, body, headers["x-hub-signature-256"]))) throw new Error("no");
    },
  },
  slack: {
    // Slack's library only verifies, so this signs as that checks, and asks it whether that was right.
    sign(secret, body) {
      const seconds = Math.floor(Date.now() / 1000);
      const hex = createHmac("sha256", secret).update(`v0:${seconds}:${body}`).digest("hex");
      const headers = { ...json, "x-slack-request-timestamp": String(seconds), "x-slack-signature": `v0=${hex}` };
      this.verify(secret, body, headers);
      return headers;
    },
    verify(secret, body, headers) {
      const seconds = Number(headers["x-slack-request-timestamp"]);
      const signature = headers["x-slack-signature"];
      verifySlackRequest({
        signingSecret: secret,
        body,
        headers: { "x-slack-request-timestamp": seconds, "x-slack-signature": signature },
      });
    },
  },
  svix: standard(Svix, "svix"),
  "standard-webhooks": standard(Standard, "webhook"),
};

async function answer({ sdk, ask, secret, body, headers, id }) {
  const library = SDKS[sdk];
  if (ask === "sign") return library.sign(secret, body, id);
  try {
    await library.verify(secret, body, headers);
    return true;
  } catch (why) {
    return false;
  }
}

const answers = [];
for (const question of JSON.parse(await text(process.stdin))) answers.push(await answer(question));
process.stdout.write(JSON.stringify(answers));
