/**
 * Starts the emulator of the receivers of alerts: `node main.js <HTTP port> <SMTP port>`. It replaces Slack, Discord, ntfy, a
 * mail server and a webhook. The mail server's login, key and certificate come from MAIL_LOGIN, MAIL_KEY and MAIL_CERTIFICATE.
 */
import { startServer } from "../http-core/server";
import { mailServer } from "./mail";
import { Receiver } from "./server";

const [httpPort = "", mailPort = ""] = process.argv.slice(2);
const receiver = new Receiver();
void startServer(receiver, Number(httpPort), "0.0.0.0");
const { MAIL_LOGIN: login = "", MAIL_KEY: key = "", MAIL_CERTIFICATE: cert = "" } = process.env;
mailServer({ key, cert }, login, (mail) => {
  receiver.log.add(mail);
}).listen(Number(mailPort), "0.0.0.0");
