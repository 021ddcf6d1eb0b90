"use strict";
const path = require("node:path");
const pulumi = require("@pulumi/pulumi");
const { Pipeline } = require(path.join(process.env.CHECKOUT, "dist/components/pipeline.js"));

const { sentryDsn, sentryAuthToken, ...args } = JSON.parse(process.env.PIPELINE_ARGS);
new Pipeline("pipeline", {
  ...args,
  sentryDsn: pulumi.secret(sentryDsn),
  sentryAuthToken: pulumi.secret(sentryAuthToken),
});
