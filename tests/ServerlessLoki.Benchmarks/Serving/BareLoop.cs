using System.Diagnostics;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>The reference: threads that do nothing but copy an input in and run the model, as fast as they can.</summary>
internal static class BareLoop
{
    /// <summary>Rows per second of <paramref name="threads"/> threads with batches of <paramref name="batch"/>.</summary>
    public static double Throughput(OnnxModel model, int threads, int batch, TimeSpan duration)
    {
        long rows = 0;
        var input = WireClient.Tensor(model, batch);
        var clock = Stopwatch.StartNew();
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            using var runner = model.CreateRunner();
            while (clock.Elapsed < duration)
            {
                input.CopyTo(runner.InputBytes(batch));
                runner.Run(batch);
                Interlocked.Add(ref rows, batch);
            }
        }) { Name = "bare loop" }).ToList();
        workers.ForEach(w => w.Start());
        workers.ForEach(w => w.Join());
        return rows / clock.Elapsed.TotalSeconds;
    }
}
