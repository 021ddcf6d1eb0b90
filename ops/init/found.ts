import type { Inventory, Reading } from "../../host/inventory/inventory";
import type { adoptable } from "../../host/inventory/rules/problem";
import type { DataDirectory } from "../../host/data/inputs";
import type { Alerts, Repository } from "./checks/accounts";
import type { DeclaredVariables, HealthAnswer } from "./checks/app";
import type { ChosenImage } from "./checks/image";
import type { Login } from "./checks/server";

/** The answers so far, and the facts that their checks found. */
export interface Found {
  readonly server?: Login;
  /** The host key that the server showed. */
  readonly shownKey?: string;
  /** The host key that the operator confirmed. */
  readonly hostKey?: string;
  readonly reading?: Reading;
  readonly inventory?: Inventory;
  readonly adopt?: readonly (typeof adoptable)[number][];
  readonly domain?: string;
  readonly name?: string;
  readonly image?: ChosenImage;
  readonly username?: string;
  readonly health?: HealthAnswer;
  readonly data?: readonly DataDirectory[];
  readonly variables?: DeclaredVariables;
  readonly email?: string;
  /** Undefined without backups. */
  readonly bucket?: string | undefined;
  readonly alerts?: Alerts;
  readonly state?: string;
  /** Undefined when GitHub stays unchanged. */
  readonly repository?: Repository | undefined;
  /** This program's own repository, `owner/name`. */
  readonly infra?: string;
  /** Secrets of the stack by their names. They reach the stack file only encrypted, by the engine. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Values that only the engine's environment gets. */
  readonly environment: Readonly<Record<string, string>>;
}

export const nothingFound: Found = { secrets: {}, environment: {} };
