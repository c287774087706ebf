using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ServerlessLoki.Benchmarks.Serving;

namespace ServerlessLoki.Benchmarks.Attack;

/// <summary>Malformed requests against <c>loki up</c>: what they are answered, what they leave behind in memory and in the log.</summary>
/// <remarks>Promises of the product: no 5xx, no hang, no growth, less than 1 KB of log per thousand.</remarks>
internal static class MalformedBenchmark
{
    private const int Senders = 16;
    private const double MostLogPerThousand = 1024;
    private const double MostGrowthMegabytes = 64;

    public static async Task<int> RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200_000;
        var data = Directory.CreateTempSubdirectory("loki-bench").FullName;
        try
        {
            await using var loki = await LokiProcess.StartAsync(data);
            var faults = new WireFaults();
            // The first ones make the server compile and size its pools.
            await SendAsync(loki, faults, 0, count / 10);
            var (residentBefore, logBefore) = (loki.ResidentMegabytes, loki.LogBytes);
            var clock = Stopwatch.StartNew();
            var seen = await SendAsync(loki, faults, count / 10, count);
            var seconds = clock.Elapsed.TotalSeconds;
            await Task.Delay(TimeSpan.FromSeconds(15));
            var growth = loki.ResidentMegabytes - residentBefore;
            var log = (loki.LogBytes - logBefore) * 1000.0 / count;
            Console.WriteLine($"{count} malformed requests, {Senders} senders, {seconds:0} s: {string.Join(", ", seen.OrderByDescending(s => s.Value).Select(s => $"{s.Key} {s.Value}"))}");
            Console.WriteLine($"  resident before, growth     {residentBefore,8:0} MB, {growth:0} MB   (promise: at most {MostGrowthMegabytes:0} MB, 15 s after the last)");
            Console.WriteLine($"  log per thousand            {log,8:0} bytes    (promise: below {MostLogPerThousand:0})");
            var bad = seen.Where(s => (s.Key[0] == '5' && s.Key != "505") || s.Key == "hang").Sum(s => s.Value);
            Console.WriteLine($"  5xx and hangs               {bad,8}          (promise: 0; 505 is the right answer to a wrong version)");
            return bad == 0 && growth <= MostGrowthMegabytes && log < MostLogPerThousand ? 0 : 1;
        }
        finally
        {
            Directory.Delete(data, true);
        }
    }

    private static async Task<ConcurrentDictionary<string, int>> SendAsync(LokiProcess loki, WireFaults faults, int from, int count)
    {
        var seen = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(Enumerable.Range(from, count), new ParallelOptions { MaxDegreeOfParallelism = Senders }, async (seed, cancellationToken) =>
        {
            var status = await RawRequest.SendAsync(loki.Address, faults.Next(seed), cancellationToken);
            seen.AddOrUpdate(status, 1, static (_, n) => n + 1);
        });
        return seen;
    }
}
