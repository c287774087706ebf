using System.Collections.Immutable;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Trials;

/// <summary>Buffers of one thread for the variants of a trial. Not thread-safe.</summary>
public sealed class TrialSession : IDisposable
{
    private readonly PipelineTrial _trial;
    private readonly Dictionary<(int Task, int Variant), IStageRunner> _runners = [];

    internal TrialSession(PipelineTrial trial) => _trial = trial;

    /// <summary>Starts a query.</summary>
    /// <param name="input">What the query brings; owned by the trial's query from the call on.</param>
    /// <param name="arguments">Values of the pipeline's parameters; those that are missing have their defaults.</param>
    public TrialQuery Begin(QueryInput input, ImmutableArray<TensorPart> arguments)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new TrialQuery(_trial, this, input, arguments);
    }

    /// <summary>Frees the buffers.</summary>
    public void Dispose()
    {
        foreach (var runner in _runners.Values)
            runner.Dispose();
        _runners.Clear();
    }

    /// <summary>Runs a variant on items, in batches as large as it takes.</summary>
    /// <exception cref="ModelException">An input does not fit, a run failed, or an output holds values that are not numbers.</exception>
    internal void Run(int task, int variant, List<TrialItem> items)
    {
        if (items.Count == 0)
            return;
        if (!_runners.TryGetValue((task, variant), out var runner))
            _runners[(task, variant)] = runner = _trial.CreateRunner(task, variant);
        foreach (var part in items.Chunk(runner.MaxBatch))
        {
            for (var row = 0; row < part.Length; row++)
                runner.Fill(row, part[row].Stage);
            runner.Run(part.Length);
            for (var row = 0; row < part.Length; row++)
            {
                if (!runner.TryRead(row, out var rows, out var tensor))
                    throw new ModelException($"Variant '{_trial.Pipeline.Tasks[task].Variants[variant].Name}' answered with values that are not numbers (NaN or infinite).");
                (part[row].Rows, part[row].Tensor) = (rows, tensor);
            }

            runner.Done();
        }
    }
}
