import type { Command } from "commander";
import { testAlerts, type Delivery } from "../../host/alerts/test-alerts";
import { onHost } from "../context";

/** One line for each target. */
const renderDeliveries = (deliveries: readonly Delivery[]): string =>
  deliveries.map(({ target, sent, error }) => `${target}: ${sent ? "sent" : `not sent: ${error}`}`).join("\n");

/** `ops alerts`. */
export function addAlerts(program: Command): void {
  const alerts = program.command("alerts").description("messages of the server about deployments, site and backups");
  alerts
    .command("test")
    .description("let the server send a test message to each target; exit code 1 when one does not accept it")
    .action(() =>
      onHost(program, async ({ stack: { app }, shell, print }) => {
        const deliveries = await testAlerts(app.name, shell);
        print(deliveries, renderDeliveries);
        if (deliveries.some(({ sent }) => !sent)) process.exitCode = 1;
      }),
    );
}
