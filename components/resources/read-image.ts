import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { imageFactsSchema, type ImageFacts } from "../../host/image/image-facts";
import type { imageReferenceSchema } from "../../host/image/registry";

const answerSchema = z.object({ images: z.array(imageFactsSchema) });

/** Asks the registry for an image's own settings, once for each of its platforms. @throws Error with the registry's answer. */
export async function readImage(
  reference: Omit<z.input<typeof imageReferenceSchema>, "password"> & {
    readonly password?: pulumi.Output<string> | undefined;
  },
): Promise<readonly ImageFacts[]> {
  const answer: unknown = await pulumi.runtime.invoke("vps:index:readImage", reference, {});
  return answerSchema.parse(answer).images;
}
