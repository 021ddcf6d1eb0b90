import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Received } from "./received";

interface Mail {
  /** Undefined while the next line is the client's login. */
  login: string | undefined;
  from: string;
  to: string[];
  /** The lines after DATA; undefined before it. */
  lines: string[] | undefined;
}

const empty = (login: string | undefined): Mail => ({ login, from: "", to: [], lines: undefined });
const addressIn = (line: string): string => /<([^>]*)>/.exec(line)?.[1] ?? "";
/** AUTH PLAIN carries NUL, user, NUL and password (RFC 4616). */
const loginIn = (word: string): string => Buffer.from(word, "base64").toString().split("\0").slice(1).join(":");

function logIn(mail: Mail, word: string, login: string): string {
  mail.login = loginIn(word);
  return mail.login === login ? "235 2.7.0 accepted" : "535 5.7.8 wrong user or password";
}

/** The reply to one line of a client, outside a message. */
function reply(mail: Mail, line: string, login: string): string {
  if (mail.login === undefined) return logIn(mail, line, login);
  const [verb = "", ...words] = line.split(" ");
  switch (verb.toUpperCase()) {
    case "EHLO":
      return "250-emulator\r\n250-8BITMIME\r\n250 AUTH PLAIN";
    case "AUTH":
      if (words.length > 1) return logIn(mail, words[1] ?? "", login);
      mail.login = undefined;
      return "334 ";
    case "MAIL":
      mail.from = addressIn(line);
      return mail.login === login ? "250 2.1.0 ok" : "530 5.7.0 log in first";
    case "RCPT":
      mail.to.push(addressIn(line));
      return "250 2.1.5 ok";
    case "DATA":
      mail.lines = [];
      return "354 go on";
    case "QUIT":
      return "221 2.0.0 bye";
    default:
      return "502 5.5.1 unknown";
  }
}

function converse(socket: TLSSocket, login: string, received: (mail: Received) => void): void {
  let mail = empty("");
  let rest = "";
  const say = (line: string): boolean => socket.write(`${line}\r\n`);
  const take = (line: string): void => {
    if (mail.lines === undefined) say(reply(mail, line, login));
    else if (line !== ".") mail.lines.push(line.replace(/^\.\./, "."));
    else {
      const { login: user, from, to, lines } = mail;
      received({ kind: "mail", login: user ?? "", from, to, text: lines.join("\n") });
      mail = empty(user);
      say("250 2.0.0 ok");
    }
  };
  socket.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\r\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  });
  socket.on("error", () => undefined);
  say("220 emulator ESMTP");
}

/** A mail server over TLS (RFC 5321, a part of it) that accepts every message of one login, `<user>:<password>`. */
export const mailServer = (
  tls: { readonly key: string; readonly cert: string },
  login: string,
  received: (mail: Received) => void,
): Server =>
  createServer(tls, (socket) => {
    converse(socket, login, received);
  });
