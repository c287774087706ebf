using System.Globalization;
using ServerlessLoki.Benchmarks.Serving;

namespace ServerlessLoki.Benchmarks.Attack;

/// <summary>Plain clients of <c>loki up</c> alone, and the same clients while attackers of each kind are at work together.</summary>
/// <remarks>Promise of the product: plain clients are answered in time at least 99 % as often as without attackers.</remarks>
internal static class AttackBenchmark
{
    private const double Promise = 0.99;
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterAttack = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(string[] args)
    {
        var time = TimeSpan.FromMinutes(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 10);
        var chosen = args.Length > 1 ? args[1] : "";
        var data = Directory.CreateTempSubdirectory("loki-bench").FullName;
        try
        {
            await using var loki = await LokiProcess.StartAsync(data);
            using var crowd = new Attackers(loki.Address);
            var attackers = crowd.All.Where(a => a.Key.Contains(chosen, StringComparison.OrdinalIgnoreCase)).ToArray();
            await PlainClients.AskAsync(loki.Address, TimeSpan.FromSeconds(10), 1);
            var alone = await PlainClients.AskAsync(loki.Address, Quiet, 2);
            var (resident, log) = (loki.ResidentMegabytes, loki.LogBytes);
            using var stop = new CancellationTokenSource();
            var attacks = attackers.Select(a => Task.Run(() => a.Value(stop.Token))).ToArray();
            var attacked = await PlainClients.AskAsync(loki.Address, time, 3);
            var peak = loki.ResidentMegabytes;
            await stop.CancelAsync();
            await Task.WhenAll(attacks).ContinueWith(static _ => { }, TaskScheduler.Default);
            await Task.Delay(AfterAttack);
            foreach (var (name, _) in attackers)
                Console.WriteLine($"  attacker: {name}");
            Print("alone", alone);
            Print($"attacked, {time.TotalMinutes:0.#} min", attacked);
            var ratio = attacked.Share / alone.Share;
            Console.WriteLine($"  answered in time, ratio     {ratio,6:0.000}   (promise: at least {Promise})");
            Console.WriteLine($"  resident                    {resident:0} MB before, {peak:0} MB at the end, {loki.ResidentMegabytes:0} MB {AfterAttack.TotalSeconds:0} s later; log {(loki.LogBytes - log) / 1024.0:0} KB");
            return ratio >= Promise ? 0 : 1;
        }
        finally
        {
            Directory.Delete(data, true);
        }
    }

    private static void Print(string name, PlainClients clients) => Console.WriteLine(
        $"  {name,-26} {clients.Share,6:0.000} of {clients.Sent} in time; {string.Join(", ", clients.Outcomes.Select(o => $"{o.Key} {o.Value}"))}; p50 {clients.P50Ms:0} ms, p99 {clients.P99Ms:0} ms; slowest probe {clients.ProbeMaxMs:0} ms");
}
