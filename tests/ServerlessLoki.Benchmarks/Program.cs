using ServerlessLoki.Benchmarks;
using ServerlessLoki.Benchmarks.Attack;
using ServerlessLoki.Benchmarks.Fidelity;
using ServerlessLoki.Benchmarks.Planning;
using ServerlessLoki.Benchmarks.Policies;
using ServerlessLoki.Benchmarks.Reproduction;
using ServerlessLoki.Benchmarks.Serving;
using ServerlessLoki.Benchmarks.Simulation;

// Each benchmark compares ours with a named reference in one run and prints the ratio; see RESULTS.md.
var benchmarks = new Dictionary<string, (string What, Func<string[], Task<int>> Run)>(StringComparer.Ordinal)
{
    ["stack"] = ("one variant over HTTP against a bare ONNX Runtime loop: saturated throughput, latency at light load", StackBenchmark.RunAsync),
    ["express"] = ("the Function app's express path with one worker beside the embedded host: p50 and p99 of both", ExpressBenchmark.RunAsync),
    ["cluster"] = ("a cluster of two workers over NATS beside the embedded host: p50 and p99 of both one in flight, and both saturated; how many turns", ClusterBenchmark.RunAsync),
    ["broker"] = ("round trips/s of the local Service Bus broker by the unmodified client, one and sixteen in flight, in memory and with a journal", BrokerBenchmark.RunAsync),
    ["overload"] = ("more load than the machine serves: open loop at 1, 3 and 10 times of it, and 1 to 64 eager clients; --png sends pictures", OverloadBenchmark.RunAsync),
    ["attack"] = ("plain clients alone and beside attackers of each kind at once; minutes, and a part of an attacker's name", AttackBenchmark.RunAsync),
    ["malformed"] = ("malformed requests: statuses, growth of memory, bytes of log per thousand; how many", MalformedBenchmark.RunAsync),
    ["footprint"] = ("time to ready and resident memory of `loki up`", FootprintBenchmark.RunAsync),
    ["planning"] = ("plan time of loki, proteus, ipa and a cluster of 1,000 slots, cold and warm, with CBC on the same programs", PlanningBenchmark.RunAsync),
    ["simulator"] = ("simulated events per second on one core and bytes per 1,000 events; --day adds 24 h", SimulatorBenchmark.RunAsync),
    ["fidelity"] = ("the traffic sample served live and simulated: same profile, arrivals and plan (rates by name: light, …); p99 and attainment of both", FidelityBenchmark.RunAsync),
    ["unified"] = ("`unified` beside loki and proteus on their own clusters and traces, strict metrics", UnifiedBenchmark.RunAsync),
    ["reproduce"] = ("the experiments of the published systems, each on its own data, beside their claims; names of sets choose", ReproduceBenchmark.RunAsync),
};
// A process that a benchmark starts for itself.
if (args is ["probes", .. var servers])
    return await Probes.RunAsync(servers);
if (args.Length > 0 && benchmarks.TryGetValue(args[0], out var chosen))
    return await chosen.Run(args[1..]);

Console.Error.WriteLine("Usage: dotnet run -c Release --project tests/ServerlessLoki.Benchmarks -- NAME");
foreach (var (name, (what, _)) in benchmarks)
    Console.Error.WriteLine($"  {name,-10} {what}");
return 2;
