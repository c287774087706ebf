using System.Collections.Concurrent;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Trials;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Run of all samples through a trial, on all cores.</summary>
internal static class TrialRuns
{
    /// <summary>Calls <paramref name="measure"/> for each sample.</summary>
    /// <param name="trial">Loaded variants.</param>
    /// <param name="samples">Samples.</param>
    /// <param name="measure">Gets the index of the sample and its query; called by several threads.</param>
    /// <param name="progress">Receives the number of samples done, ascending.</param>
    /// <param name="cancellationToken">Stops between two samples.</param>
    /// <exception cref="FailureException">Queries were refused; lists the first ten.</exception>
    public static void Run(
        PipelineTrial trial, IReadOnlyList<Sample> samples, Action<int, TrialQuery> measure, IProgress<int> progress, CancellationToken cancellationToken)
    {
        var refused = new ConcurrentBag<(int Sample, string Why)>();
        var gate = new Lock();
        var done = 0;
        Parallel.For(
            0, samples.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, trial.CreateSession,
            (i, _, session) =>
            {
                try
                {
                    using var query = session.Begin(samples[i].Input.Open(trial.Pipeline), samples[i].Arguments);
                    measure(i, query);
                }
                catch (Exception e) when (e is ModelException or ImageFormatException or FormatException or ArgumentException)
                {
                    refused.Add((i, e.Message));
                }

                lock (gate)
                    progress.Report(++done);
                return session;
            },
            static session => session.Dispose());
        if (!refused.IsEmpty)
            throw new FailureException($"{refused.Count} of {samples.Count} samples get no answer:\n  " + string.Join("\n  ", refused.OrderBy(static r => r.Sample).Take(10).Select(r => $"{samples[r.Sample].Name}: {r.Why}")));
    }
}
