using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Trials;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Measurement of classes and texts: each sample has a right answer for one task or several.</summary>
internal sealed class AnswerEvaluation
{
    private readonly Pipeline _pipeline;
    private readonly ImmutableArray<Sample> _samples;
    private readonly ImmutableArray<(int Task, string Field)> _judged;
    private readonly List<int[]> _choices;
    private readonly bool _hasPaths;

    /// <summary>[task, choice of the task and those before it] values by sample; NaN where the task got nothing to answer or the data say nothing.</summary>
    private readonly Dictionary<(int Task, string Choice), double[]> _values = [];

    /// <summary>Finds the tasks that the data judge.</summary>
    /// <exception cref="BadInputException">No task is judged, or a class is none of its task's; lists all.</exception>
    public AnswerEvaluation(Pipeline pipeline, LabelledData data)
    {
        (_pipeline, _samples) = (pipeline, data.Samples);
        _judged = TruthFields.Judged(pipeline, data);
        var involved = _judged.SelectMany(j => Choices.Upstream(pipeline, j.Task)).ToHashSet();
        var all = Choices.All(pipeline, involved);
        (_choices, _hasPaths) = (all ?? Choices.OneByOne(pipeline, involved), all is not null);
        foreach (var (task, choice) in _judged.SelectMany(j => _choices.Select(c => (j.Task, c))))
            _values.TryAdd(Key(task, choice), Unknown(_samples.Length));
    }

    /// <summary>Measures.</summary>
    public EvaluationReport Run(PipelineTrial trial, IProgress<int> progress, CancellationToken cancellationToken)
    {
        TrialRuns.Run(trial, _samples, Measure, progress, cancellationToken);
        var best = (int[])_choices[0].Clone();
        var variants = new List<VariantScore>();
        foreach (var task in _pipeline.Tasks)
        {
            best[task.Index] = task.MostAccurate.Index;
            if (_judged.Any(j => j.Task == task.Index))
                AddVariants(task, best, variants);
        }

        string[] notes =
        [
            .. _hasPaths ? Array.Empty<string>() : [string.Create(CultureInfo.InvariantCulture, $"more than {Choices.Most} paths: only the variants are measured, behind those that the file states as most accurate")],
            .. _pipeline.Tasks.Where(t => _judged.All(j => j.Task != t.Index)).Select(static t => $"task '{t.Name}' is not measured: the data hold no right answer for it"),
        ];
        return new EvaluationReport([.. variants], _hasPaths && _pipeline.Tasks.Length > 1 ? Paths(variants) : [], [.. notes]);
    }

    private void Measure(int sample, TrialQuery query)
    {
        var fresh = new HashSet<(int, string)>();
        foreach (var choice in _choices)
        {
            IReadOnlyList<StageAnswer>? answers = null;
            foreach (var (task, field) in _judged)
            {
                if (!fresh.Add(Key(task, choice)) || !_samples[sample].Truths.TryGetValue(field, out var truths) || truths.IsEmpty)
                    continue;
                answers ??= query.Answers(choice);
                var own = answers.Where(a => a.Task == task).ToArray();
                _values[Key(task, choice)][sample] = own.Length == 0 ? double.NaN : truths.Max(t => Score(_pipeline.Tasks[task], own, t));
            }
        }
    }

    private static double Score(PipelineTask task, StageAnswer[] answers, string truth)
    {
        if (task.Output.Kind == TaskOutputKind.Classification)
        {
            var rows = answers.SelectMany(static a => a.Rows).ToArray();
            return rows.Length > 0 && TruthFields.Name(task, rows.MaxBy(static r => r.Score).Label) == truth ? 1 : 0;
        }

        var text = string.Join(' ', answers.Select(static a => Encoding.UTF8.GetString(a.Tensor!.Parts[0].Bytes.Span[sizeof(int)..])));
        return task.Output.Kind == TaskOutputKind.Answer ? TextScores.Exact(text, truth) : TextScores.Characters(text, truth);
    }

    private void AddVariants(PipelineTask task, int[] best, List<VariantScore> variants)
    {
        var before = Choices.Upstream(_pipeline, task.Index).Where(t => t != task.Index).ToArray();
        var first = variants.Count;
        foreach (var variant in task.Variants)
        {
            int[] choice = [.. best];
            choice[task.Index] = variant.Index;
            var values = _values[Key(task.Index, choice)].Where(static v => !double.IsNaN(v)).ToArray();
            if (values.Length == 0)
                throw new FailureException($"Nothing reached task '{task.Name}' on the way over {Choices.Names(_pipeline, before, choice)}: its labels, thresholds or the data do not fit");
            variants.Add(new VariantScore(task.Name, variant.Name, TruthFields.Metric(task), Estimate.Mean(values), values.Length, variant.Accuracy)
            {
                Behind = before.Length == 0 ? null : Choices.Names(_pipeline, before, choice),
            });
        }

        best[task.Index] = _hasPaths ? variants.FindIndex(first, v => v.Score.Value == variants.Skip(first).Max(static b => b.Score.Value)) - first : best[task.Index];
    }

    private ImmutableArray<PathScore> Paths(List<VariantScore> variants)
    {
        var shown = _judged.SelectMany(j => Choices.Upstream(_pipeline, j.Task)).Distinct().Order().ToArray();
        return
        [
            .. _choices.Select(choice =>
            {
                // A task that got nothing to answer gave no right answer.
                var right = Enumerable.Range(0, _samples.Length).Select(s => _judged.Where(j => _samples[s].Truths.ContainsKey(j.Field))
                    .Aggregate(1.0, (product, j) => _values[Key(j.Task, choice)][s] is var v && double.IsNaN(v) ? 0 : product * v)).ToArray();
                var product = _judged.Aggregate(1.0, (p, j) => p * variants.Find(v => v.Variant == _pipeline.Tasks[j.Task].Variants[choice[j.Task]].Name)!.Score.Value);
                return new PathScore([.. shown.Select(t => _pipeline.Tasks[t].Variants[choice[t]].Name)], Estimate.Mean(right), product);
            }).OrderByDescending(static p => p.Score.Value),
        ];
    }

    private (int Task, string Choice) Key(int task, int[] choice) => (task, string.Join(',', Choices.Upstream(_pipeline, task).Select(t => choice[t])));

    private static double[] Unknown(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }
}
