# Decides which alerts are due.
#   $settings[0]: /opt/<app>/config/alerts.json; $facts[0]: what alert-facts prints; $state[0]: the state before, or null
# Prints the next state: {since, down, open: {<cause>: {subject, since}}, told: {<deployment>: <status>}, pending: [...]}.
# A cause is told once, and its end once. A check that the server cannot make decides nothing. No message has a text that the
# app or a command wrote: it could hold a secret.
$settings[0] as $set | $facts[0] as $found | $found.now as $now
| ($state[0] // { since: $now, down: 0, open: {}, told: {}, pending: [] }) as $before

| def plural($count; $word): "\($count) \($word)\(if $count == 1 then "" else "s" end)";
  def span($seconds): if $seconds >= 172800 then plural($seconds / 86400 | floor; "day")
    elif $seconds >= 7200 then plural($seconds / 3600 | floor; "hour") else plural($seconds / 60 | floor; "minute") end;
  def day: strftime("%Y-%m-%d");
  def age($at): $now - ($at // $before.since);
  def is_open($cause): $before.open[$cause] != null;
  # One check: bad is true, false, or null for unknown.
  def check($cause; $bad; $subject; $text; $solved): { $cause, $bad, $subject, $text, $solved };

  (if $found.site == null or $found.site.status == 200 then 0 else $before.down + 1 end) as $down

| def site: check("site"; if $found.site == null then null elif $found.site.status == 200 then false else (if $down >= $set.siteDownMinutes then true else null end) end;
    "the site is down";
    "\($set.url), asked on the server once a minute, \(if $found.site.status == 0 then "does not answer" else "answers \($found.site.status)" end) for \(plural($down; "minute")). For the cause: ops doctor";
    "the site is up again");

  def certificate: $found.certificate as $c
    | if $c == null then check("certificate"; null; ""; ""; "")
      else ([$set.certificateDays * 86400, ($c.until - $c.from) / 4] | min) as $early
      | check("certificate"; ($c.until - $now < $early) or ($c.names | not);
        if $c.names | not then "the certificate has another name" elif $c.until < $now then "the certificate has expired" else "the certificate ends in \(span($c.until - $now))" end;
        if $c.names | not then "The site serves a certificate that is not for \($set.domain), so browsers refuse it. For the cause: ops doctor"
        else "The certificate that the site serves is valid until \($c.until | day), and nothing has renewed it. On the server: certbot renew; for the cause: journalctl -u certbot" end;
        "the certificate is good again")
      end;

  # Five percent between the two ends, so that a value at the limit is not told again and again.
  def disk: "disk \(.mount)" as $cause
    | (.percent >= $set.diskPercent - (if is_open($cause) then 5 else 0 end)) as $bad
    | check($cause; $bad; "the disk \(.mount) is \(.percent) % full"; "It can stop the app, backups and deployments. For the largest uses: ops status"; "the disk \(.mount) has room again");

  # A mount that is gone has no later value: an open cause would hide the next full disk there.
  def unmounted: if $found.disks == null then empty else $before.open | keys[] | select(startswith("disk "))
    | select(ltrimstr("disk ") | IN($found.disks[].mount) | not) | check(.; false; ""; ""; "the \(.) is no longer mounted") end;

  def backups: $found.backup as $b
    | if $b == null then empty else
        check("backup"; age($b.verified) >= 50 * 3600; "no verified backup for \(span(age($b.verified)))";
          (if $b.run == null then "The job has never run." elif $b.run.status == "failed" then "The last run failed at the step: \($b.run.step)." else "The last run has the status \($b.run.status)." end) + " For the cause: ops doctor";
          "backups are verified again"),
        check("drill"; $b.drill == "failed" or age($b.drilled) >= 15 * 86400;
          if $b.drill == "failed" then "the restore drill failed" else "no restore drill for \(span(age($b.drilled)))" end;
          "It is unknown whether the newest backup can be restored. For the cause: ops doctor";
          "the newest backup restores again")
      end;

  def serves: if .previousVersion == "" then "" else " The site runs \(.previousVersion)." end;
  def history: " For the cause: ops history \(.id)";
  def ended: # the message about a deployment that has ended; nothing for another
    (if .status == "pending" or .status == "in_progress" then
      (if $found.deploying == false and $now - (.startedAt[:19] + "Z" | fromdate) > 120 then "interrupted" else .status end) else .status end) as $status
    | { id, status: $status } + (
      if $status == "interrupted" then { subject: "the deployment of \(.imageTag) was interrupted", text: "The run by \(.by) ended before the deployment did. Run it again.\(history)" }
      elif $status == "failed" and .confirmed then { subject: "the deployment of \(.imageTag) is incomplete", text: "The site runs \(.imageTag), but the previous release was not cleaned up. Run pulumi up again.\(history)" }
      elif $status == "failed" then { subject: "the deployment of \(.imageTag) failed", text: "\(if .healthCheckPassed then "The health check passed, and a later step failed." else "The new release did not become healthy." end)\(serves)\(history)" }
      elif $status == "rolled_back" and .tagRefused then { subject: "\(.imageTag) was rolled back", text: "By \(.by).\(serves)\(history)" }
      elif $status == "rolled_back" then { subject: "the deployment of \(.imageTag) was reverted", text: "Traffic had moved to the new release, and a check failed or nobody confirmed it.\(serves)\(history)" }
      elif $status == "success" and $set.deployments == "all" then { subject: "\(.imageTag) is deployed", text: "By \(.by).\(if .previousVersion == "" then "" else " Before, the site ran \(.previousVersion)." end)" }
      else {} end);
  # A run that was told as interrupted gets its final status `failed` from the next one.
  def is_news: . as { $id, $status } | $before.told[$id] as $told | $told != $status and ([$told, $status] != ["interrupted", "failed"]);
  def is_old: .completedAt != "" and (.completedAt[:19] + "Z" | fromdate) < $before.since;

  [site, certificate, ($found.disks // [] | .[] | disk), unmounted, backups] as $checks
| [$found.deployments // [] | .[] | select(is_old | not) | ended] as $deployments
| [ ($checks[] | if .bad == true and (is_open(.cause) | not) then { cause, state: "problem", subject, text }
      elif .bad == false and is_open(.cause) then { cause, state: "solved", subject: .solved, text: "It lasted \(span($now - $before.open[.cause].since))." }
      else empty end),
    ($deployments[] | select(.subject != null and is_news) | { cause: "deployment \(.id)", state: (if .status == "success" then "event" else "problem" end), subject, text }) ] as $news
| { since: $before.since,
    down: $down,
    open: (reduce $checks[] as $c ($before.open;
      if $c.bad == false then del(.[$c.cause]) elif $c.bad and .[$c.cause] == null then .[$c.cause] = { subject: $c.subject, since: $now } else . end)),
    told: (reduce $deployments[] as $d ({}; .[$d.id] = (if $d | is_news then $d.status else $before.told[$d.id] end))),
    # A target that refuses for ten minutes is asked twice an hour, and after three days no more.
    pending: ([$before.pending[], ($news[] as $m | $set.targets[].kind as $kind | { $kind, message: ($m + { at: $now }) })]
      | map(($now - .message.at) as $age | select($age < 3 * 86400 and (.kind | IN($set.targets[].kind)))
        | .message.due = ($age < 600 or ($now / 60 | floor) % 30 == 0))) }
