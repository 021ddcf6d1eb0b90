# One alert for one target, as curl sends it. Input: /opt/<app>/config/alerts.json.
#   $message: {cause, state, subject, text, at}; $kind: the target's; $host: name of the server
# Prints {config: lines of curl's configuration, upload: curl's option for the body, body}.
. as $set | (.targets[] | select(.kind == $kind)) as $target
| "\($set.app): \($message.subject)" as $title
| "\($message.text)" as $text
| (if $message.state == "solved" then "✅" elif $message.state == "problem" then "🔴" else "🔵" end) as $sign

| def quoted: "\"" + (gsub("\\\\"; "\\\\") | gsub("\""; "\\\"")) + "\"";
  def option($name; $value): if $value == null then empty else "\($name) = \($value | quoted)" end;
  def request($lines; $upload; $body): { config: ($lines | join("\n")), $upload, $body };
  def json($url; $headers; $body): request([option("url"; $url), "header = \"Content-Type: application/json\"", $headers[]]; "data-binary"; $body | tojson);
  # Slack reads these three characters as its own notation.
  def slack: gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;");
  def ntfy: capture("^(?<server>https?://[^/]+)/(?<topic>[^/]+)/?$");
  def mail($to): [ "From: \($target.from)", "To: \($to | join(", "))", "Subject: \($title)",
      "Date: \($message.at // now | strftime("%a, %d %b %Y %H:%M:%S +0000"))", "Message-ID: <\($message.at // now | floor).\($message.cause | gsub("[^A-Za-z0-9]"; "-"))@\($host)>",
      "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", $text, "", "\($set.domain) on \($host)", "" ] | join("\r\n");

  if $target.kind == "slack" then json($target.url; []; { text: "\($sign) *\($title | slack)*\n\($text | slack)" })
  elif $target.kind == "discord" then json($target.url; []; { content: "\($sign) **\($title)**\n\($text)"[:2000], allowed_mentions: { parse: [] } })
  elif $target.kind == "ntfy" then ($target.url | ntfy) as { $server, $topic }
    | json($server; [option("header"; $target.token | if . == null then null else "Authorization: Bearer \(.)" end)];
      { $topic, title: $title, message: $text, priority: (if $message.state == "problem" then 4 else 3 end),
        tags: [if $message.state == "solved" then "white_check_mark" elif $message.state == "problem" then "rotating_light" else "information_source" end] })
  elif $target.kind == "email" then
    # With a password, curl refuses a server that offers no TLS.
    request([option("url"; $target.server), option("mail-from"; $target.from), ($target.to[] | option("mail-rcpt"; .)),
      (if $target.user == null then "ssl" else option("user"; "\($target.user):\($target.password)"), "ssl-reqd" end)]; "upload-file"; mail($target.to))
  else
    # Slack reads `text`. Discord reads `content` and accepts at most 2000 characters.
    "\($title). \($text)" as $line
    | json($target.url; []; { text: $line, content: $line[:2000], app: $set.app, domain: $set.domain, host: $host,
      cause: $message.cause, state: $message.state, subject: $message.subject, at: ($message.at // now | todate) })
  end
