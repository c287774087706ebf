using System.Diagnostics;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Benchmarks.Attack;

/// <summary>What clients got that each wait for their answer and ask again at once, refused or not.</summary>
internal readonly record struct ClosedLoop(double PerSecond, double RefusedShare, double P50Ms, double P99Ms, double InTimeShare, double RefusedP50Ms)
{
    public static async Task<ClosedLoop> AnsweredAsync(Uri server, string pipeline, IReadOnlyList<QueryBody> bodies, int clients, TimeSpan time, double sloMs = double.PositiveInfinity)
    {
        using var target = new HttpLoadTarget(server, pipeline, bodies, TimeSpan.FromSeconds(30));
        var (answered, refused) = (0, 0);
        var times = new List<double>();
        var refusals = new List<double>();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async c =>
        {
            for (var i = c; clock.Elapsed < time; i++)
            {
                var started = clock.Elapsed;
                var reply = await target.SendAsync(i % bodies.Count, CancellationToken.None);
                if (reply.Status != 200)
                {
                    Interlocked.Increment(ref refused);
                    lock (refusals)
                        refusals.Add((clock.Elapsed - started).TotalMilliseconds);
                    continue;
                }

                Interlocked.Increment(ref answered);
                lock (times)
                    times.Add((clock.Elapsed - started).TotalMilliseconds);
            }
        }));
        times.Sort();
        refusals.Sort();
        return new ClosedLoop(
            answered / clock.Elapsed.TotalSeconds, answered + refused == 0 ? 0 : (double)refused / (answered + refused),
            At(times, 0.5), At(times, 0.99), times.Count == 0 ? 1 : times.Count(t => t <= sloMs) / (double)times.Count, At(refusals, 0.5));

        static double At(List<double> sorted, double q) => Percentile.Of([.. sorted], q) ?? 0;
    }
}
