import * as image from "../../policy/image";
import * as kinds from "../../policy/kinds";
import { resourceOf } from "../support/policy";
import { testRules } from "../support/rule-cases";

const container = resourceOf(kinds.container);
const rollout = resourceOf(kinds.rollout);

const repository = "ghcr.io/nicholaspsmith/memoryloop";
const digest = `sha256:${"a".repeat(64)}`;

testRules(image, {
  imageRepository: {
    passes: container({ image: `${repository}@${digest}` }),
    fails: container({ image: `docker.io/somebody/memoryloop@sha256:0a0b` }),
    says: 'it: image is "docker.io/somebody/memoryloop@sha256:0a0b"',
  },
  imageDigest: {
    passes: container({ image: `${repository}@${digest}` }),
    fails: container({ image: `${repository}:4f2c1e9` }),
    says: 'it: image is "ghcr.io/nicholaspsmith/memoryloop:4f2c1e9"',
  },
  imageTag: {
    passes: rollout({ image: { repository, tag: "4f2c1e9", digest } }),
    fails: rollout({ image: { repository, tag: "latest", digest } }),
    says: 'it: image.tag is "latest"',
  },
});
