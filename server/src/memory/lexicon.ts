/**
 * What the encoder knows of the language of engineers: words that carry nothing, words that are in every report, short
 * forms, and words that belong to one subject. Written out by hand, small on purpose: a word that is not here is taken
 * for a rare one, which is what names of systems, functions and errors are.
 */

/** Words of grammar: they say nothing about the subject. */
export const GRAMMAR = words(`
  a about above after again against all almost already also although always am an and another any anybody anyone anything are around as at away
  be because been before behind being below best better between both but by can cannot could did do does doing done down during each either
  else enough even ever every everybody everyone everything except far few first for from full further gave get gets getting give given gives go
  goes going gone got had half has have having he hence her here him his how however i if in instead into is it its itself just keep keeps kept
  know known last least less let lets like likely lot made make makes making many may maybe me might mine more most much must my myself near
  nearly neither never next no nobody none nor not nothing now of off often on once one only onto or other others our out over own per perhaps
  probably put quite rather really same say says second see seem seems seen several shall she should show shows since so some somebody someone
  something sometimes soon still such take taken takes than that the their them themselves then there therefore these they thing things this those
  though through thus till to together too toward towards twice two three under unless until up upon us use used uses using usually very via want
  wants was way we well went were what when whenever where whether which while who whole whom whose why will with within without would yet you
  your yours ago yesterday today tomorrow please heads ok okay yes hi thanks re ve ll don doesn isn aren wasn weren hasn haven won t s d m
`)

/** Words of work, in every second report whatever it is about: they say a little. */
export const COMMON = words(`
  add added adds app application artifact ask back bad based big branch bug build built bump bumped case cause caused causes change changed changes
  check checked clean client close closed code come comes commit component computer correct count current customer customers data date day days default
  delete deploy deployed different do doc docs document done drop dropped drops end entry error errors every exact expect expected fail failed fails
  failing failure feature file files find fine finish fix fixed fixes follow force form found four good green group grow hand happen happens hard
  help high hold holds hour hours id idea image implement implemented important intent issue item items job key kind large late later lead left line
  lines list load local long look looks lose low main merge merged merges message method minute minutes miss missing mode model month move moved
  name need needed needs new next night note number off office old open order out package page pages part pass passed people place plan point pr
  problem process prod product production project push quick ran rate read ready real reason red reads release released remove removed replace
  replaced report reports request requests rerun restart result results return returns review right root row rows run running runs save script seconds
  section send sends sent server service set sets settings share ship shipped side simple size slow small sort source split staging start started
  starts state step steps still stop stopped stops support sure system table task team tell tenant test tested tests text thing think ticket tickets
  time times title todo tool total track tried try trying turn type types typo update updated upgrade upgraded upgrading user users value verified
  verify version wait waiting waits week weeks work worker working works worse write writes written wrong year hour line app's
`)

/** Short form → long form; several words where it stands for several. */
export const SHORT_FORMS: ReadonlyMap<string, string> = new Map(
  `a11y accessibility|accessibilty accessibility|admin administration|api interface|arg argument|args arguments|async asynchronous|attr attribute
   auth authentication|authn authentication|authz authorization|btn button|cert certificate|certs certificates|cfg configuration|cmd command|coll
   collection|conf configuration|config configuration|configs configurations|conn connection|conns connections|ctx context|cur current|db database|dbs
   databases|del delete|dep dependency|deps dependencies|desc description|dev development|dir directory|dirs directories|dist distribution|dup
   duplicate|dups duplicates|elem element|env environment|envs environments|err error|errs errors|evt event|exec execute|expr expression|fn function
   freq frequency|func function|fwd forward|gha github actions|gql graphql|hw hardware|i18n internationalization|idx index|impl implementation|info
   information|init initialize|ip address|iter iterator|js javascript|k8s kubernetes|kube kubernetes|l10n localization|lang language|lib library|libs
   libraries|loc location|log4j log4j|max maximum|mem memory|mgmt management|mgr manager|mid middle|min minimum|misc miscellaneous|ms milliseconds|msg
   message|msgs messages|nav navigation|num number|obj object|objs objects|oom memory|oomkilled memory kill|op operation|ops operations|opt option|opts
   options|org organization|param parameter|params parameters|perf performance|perm permission|perms permissions|pg postgres|pgsql postgres|pkg
   package|pkgs packages|postgresql postgres|pref preference|prefs preferences|prev previous|proc process|prog program|proto protocol|pwd password|pw
   password|py python|qa quality|ref reference|refs references|regex expression|repo repository|repos repositories|req request|reqs requests|res
   response|resp response|sec second|secs seconds|sig signature|spec test|specs tests|srv server|std standard|str string|svc service|svcs
   services|sync synchronize|sys system|tbl table|temp temporary|tf terraform|tmp temporary|ts typescript|txn transaction|tx transaction|tz
   timezone|ui interface|util utility|utils utilities|val value|var variable|vars variables|ver version|vm machine|w3c w3c|ws websocket|sse
   stream|xhr request|yml yaml|e2e end-to-end test|signin login|signup register|logon login|lockfile lock|db's database|websockets websocket`
    .replace(/\s*\n\s*/g, ' ')
    .split('|')
    .flatMap((pair) => {
      const [short, ...long] = pair.trim().split(' ')
      return short && long.length > 0 ? [[short, long.join(' ')] as const] : []
    }),
)

/** Words of one subject, a line each. A word may belong to several. */
export const SUBJECTS: readonly (readonly string[])[] = `
  payment charge acquirer card checkout refund billing invoice merchant stripe paypal ledger voucher coupon price pricing paid payer vat tax accounting
  retry backoff jitter resend reconnect attempt idempotent idempotency breaker
  timeout deadline latency slow p50 p95 p99 hang stall lag delay throughput performance benchmark profile flamegraph bottleneck
  throttle limit limiter quota 429 burst window budget
  test flaky playwright cypress jest vitest pytest selenium assertion fixture mock snapshot coverage locator
  ci pipeline workflow github actions gitlab jenkins runner job artifact cache
  database sql query postgres mysql sqlite table column row index migration schema alter transaction orm replica vacuum backfill insert select join
  lock mutex deadlock race concurrent semaphore contention goroutine thread atomic blocked starvation
  memory leak heap oom rss garbage allocation retained snapshot gc
  websocket socket connection subscription disconnect gateway stream frame keepalive
  kubernetes pod container docker helm chart replica node cluster deployment kubectl image
  bundle webpack esbuild vite rollup chunk import treeshake minify gzip javascript module metafile
  authentication login logout jwt token session oauth sso password credential cookie claim bearer refresh signin authorization
  clock skew ntp chrony timezone utc gmt iso timestamp midnight daylight
  ios iphone swift xcode xctest crashlytics cocoa uikit apple testflight persistent
  android kotlin gradle apk java jvm maven spring
  kafka topic consumer producer partition offset broker rebalance poll queue rabbitmq sqs nats event
  css theme contrast color colour palette dark style layout font token tailwind design
  accessibility wcag aria axe nvda jaws voiceover screenreader blind focus tabindex keyboard announce
  search elasticsearch lucene solr analyzer synonym ranking relevance ndcg suggestion autocomplete
  terraform infrastructure pulumi ansible cloudformation provision apply drift backend state
  aws s3 bucket presigned upload multipart lambda ec2 iam cloudfront dynamodb route53
  rust cargo crate borrow lifetime clippy tokio lexer parser token ast
  go golang goroutine channel pprof panic defer
  python pandas numpy parquet pyarrow spark dataframe etl warehouse notebook airflow dtype
  flag rollout experiment variant bucket canary feature percentage sticky
  graphql resolver dataloader schema mutation federation n+1
  redis memcached ttl expire incr lua eviction key
  cache stale invalidate hit warm cached
  mail email smtp spf dkim dmarc spam inbox deliverability bounce newsletter
  react hook component render jsx redux vue angular svelte props usestate
  training loss gradient epoch checkpoint gpu cuda batch nan overflow inference model precision fp16 bf16
  tls ssl certificate handshake https x509 cipher
  dns domain record resolver nameserver txt cname
  network firewall proxy nginx port ingress loadbalancer packet route vpn
  version semver lockfile dependency npm pnpm yarn peer upgrade major registry
  typescript type interface generic compiler tsc strict
  lint eslint biome prettier format rule
  git rebase commit cherry conflict bisect revert
  permission role policy acl grant access forbidden 403 401
  encryption cipher key signature sign hash secret vault
  alert monitor metric prometheus grafana dashboard pager oncall incident outage trace opentelemetry log
  crash panic exception stacktrace segfault abort core fatal
  file disk filesystem directory path mount enospc inode
  http status header response 500 502 503 504 413 cors rest endpoint
  json yaml xml csv encoding utf unicode charset parse serialize
  browser chrome safari firefox dom button click overlay page viewport
  schedule scheduler cron job worker lease nightly queue dequeue
  analytics conversion funnel churn dashboard revenue
`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/))

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
