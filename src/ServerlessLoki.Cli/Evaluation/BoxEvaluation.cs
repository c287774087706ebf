using System.Collections.Immutable;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Trials;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Measurement of objects in pictures: the detector; where categories have a supercategory, also the classifiers of the objects.</summary>
/// <remarks>A category whose name is one of the detector's labels is an object of that label. Otherwise its supercategory is, and its name is the class that
/// a later task must find.</remarks>
internal sealed class BoxEvaluation
{
    /// <summary>Metric of detectors and paths.</summary>
    public const string Metric = "mAP@0.5";

    private readonly Pipeline _pipeline;
    private readonly ImmutableArray<Sample> _samples;
    private readonly ImmutableArray<PipelineEdge> _edges;
    private readonly List<int[]> _choices;

    /// <summary>[choice][sample] what was found under the labels that count.</summary>
    private readonly List<(string Label, OutputRow Row)>[][] _found;

    /// <summary>[detector][sample] what was found under its own labels.</summary>
    private readonly List<(string Label, OutputRow Row)>[][] _detected;

    /// <summary>[edge, variant][sample] number of objects on which the classifier is right, and number of objects.</summary>
    private readonly Dictionary<(int Edge, int Variant), (int Right, int Count)[]> _alone = [];

    /// <summary>Finds what the categories mean.</summary>
    /// <exception cref="BadInputException">A category fits no label; lists all.</exception>
    public BoxEvaluation(Pipeline pipeline, LabelledData data)
    {
        (_pipeline, _samples) = (pipeline, data.Samples);
        Check(pipeline, data);
        _edges = [.. pipeline.Root.Outgoing.Where(e => Judges(e))];
        var tasks = _edges.Select(static e => e.To).Append(0).ToHashSet();
        _choices = Choices.All(pipeline, tasks) ?? throw new BadInputException($"--pipeline: '{pipeline.Name}' has more than {Choices.Most} paths, which are not measured: leave variants out");
        _found = Lists(_choices.Count);
        _detected = Lists(pipeline.Root.Variants.Length);
        foreach (var edge in _edges)
        {
            foreach (var variant in pipeline.Tasks[edge.To].Variants)
                _alone[(edge.Index, variant.Index)] = new (int, int)[_samples.Length];
        }
    }

    /// <summary>Measures.</summary>
    public EvaluationReport Run(PipelineTrial trial, IProgress<int> progress, CancellationToken cancellationToken)
    {
        TrialRuns.Run(trial, _samples, Measure, progress, cancellationToken);
        var variants = _pipeline.Root.Variants.Select(v => Detector(v)).ToList();
        variants.AddRange(_edges.SelectMany(e => _pipeline.Tasks[e.To].Variants.Select(v => Classifier(e, v))));
        return new EvaluationReport([.. variants], _edges.IsEmpty ? [] : [.. _choices.Select((c, i) => Path(c, i, variants)).OrderByDescending(static p => p.Score.Value)], [.. Notes()]);
    }

    private IEnumerable<string> Notes()
    {
        var judged = _edges.Select(static e => e.To).Append(0).ToHashSet();
        foreach (var task in _pipeline.Tasks.Where(t => !judged.Contains(t.Index)))
            yield return $"task '{task.Name}' is not measured: no category has a class of it";
        yield return "rows below the detector's minScore are not answered and not counted, so this is the precision of the served answers; a lower minScore raises it";
    }

    private void Measure(int sample, TrialQuery query)
    {
        foreach (var edge in _edges)
        {
            var own = _samples[sample].Boxes.Where(b => !b.IsCrowd && Passes(edge, b)).ToArray();
            OutputRow[] regions = [.. own.Select(b => new OutputRow(_pipeline.Root.Output.Labels.IndexOf(DetectorLabel(b)), 1, (float)b.X1, (float)b.Y1, (float)b.X2, (float)b.Y2))];
            foreach (var variant in _pipeline.Tasks[edge.To].Variants)
            {
                var rows = query.OnRegions(edge, variant.Index, regions);
                _alone[(edge.Index, variant.Index)][sample] = (own.Where((b, i) => rows[i].Count > 0 && TruthFields.Name(_pipeline.Tasks[edge.To], rows[i][0].Label) == b.Label).Count(), own.Length);
            }
        }

        for (var choice = 0; choice < _choices.Count; choice++)
        {
            var answers = query.Answers(_choices[choice]);
            _detected[_choices[choice][0]][sample] ??= [.. answers[0].Rows.Select(r => (TruthFields.Name(_pipeline.Root, r.Label), r))];
            _found[choice][sample] = [.. answers[0].Rows.Select((r, i) => (Final(answers, r, i), r))];
        }
    }

    /// <summary>Returns the class that a later task found for a row of the detector, else the detector's own.</summary>
    private string Final(IReadOnlyList<StageAnswer> answers, OutputRow row, int index)
    {
        var child = answers.FirstOrDefault(a => a.Parent == 0 && a.ParentRow == index && a.Rows.Count > 0 && _edges.Any(e => e.To == a.Task));
        return child is null ? TruthFields.Name(_pipeline.Root, row.Label) : TruthFields.Name(_pipeline.Tasks[child.Task], child.Rows[0].Label);
    }

    private VariantScore Detector(Variant variant)
    {
        var scores = new BoxScores();
        for (var s = 0; s < _samples.Length; s++)
            scores.Add([.. _samples[s].Boxes.Select(b => b with { Label = DetectorLabel(b) })], _detected[variant.Index][s]);
        return new VariantScore(_pipeline.Root.Name, variant.Name, Metric, scores.At50(), scores.Objects, variant.Accuracy) { Strict = scores.At50To95() };
    }

    private VariantScore Classifier(PipelineEdge edge, Variant variant)
    {
        var values = _alone[(edge.Index, variant.Index)].SelectMany(static p => Enumerable.Repeat(1.0, p.Right).Concat(Enumerable.Repeat(0.0, p.Count - p.Right))).ToArray();
        return values.Length == 0
            ? throw new BadInputException($"--data: no object has a class of task '{_pipeline.Tasks[edge.To].Name}'")
            : new VariantScore(_pipeline.Tasks[edge.To].Name, variant.Name, "top-1", Estimate.Mean(values), values.Length, variant.Accuracy) { Behind = "the boxes of the data" };
    }

    private PathScore Path(int[] choice, int index, List<VariantScore> variants)
    {
        var scores = new BoxScores();
        for (var s = 0; s < _samples.Length; s++)
            scores.Add(_samples[s].Boxes, _found[index][s]);
        // Classifiers share the objects: each counts as often as it has them.
        var classifiers = _edges.Select(e => Of(variants, e.To, choice)).ToArray();
        var product = Of(variants, 0, choice).Score.Value * classifiers.Sum(static c => c.Score.Value * c.Count) / classifiers.Sum(static c => c.Count);
        return new PathScore([.. _edges.Select(static e => e.To).Prepend(0).Distinct().Select(t => _pipeline.Tasks[t].Variants[choice[t]].Name)], scores.At50(), product) { Strict = scores.At50To95() };
    }

    private VariantScore Of(List<VariantScore> variants, int task, int[] choice) => variants.Find(v => v.Variant == _pipeline.Tasks[task].Variants[choice[task]].Name)!;

    private bool Passes(PipelineEdge edge, TruthBox box) =>
        (edge.Labels.IsEmpty || edge.Labels.Contains(_pipeline.Root.Output.Labels.IndexOf(DetectorLabel(box)))) && _pipeline.Tasks[edge.To].Output.Labels.Contains(box.Label, StringComparer.Ordinal);

    private bool Judges(PipelineEdge edge) => _pipeline.Tasks[edge.To].Output.Kind == TaskOutputKind.Classification
        && _samples.Any(s => s.Boxes.Any(b => b.Label != DetectorLabel(b) && Passes(edge, b)));

    private string DetectorLabel(TruthBox box) => IsLabel(_pipeline.Root, box.Label) ? box.Label : box.Group;

    private static bool IsLabel(PipelineTask task, string name) => task.Output.Labels.Contains(name, StringComparer.Ordinal);

    private static void Check(Pipeline pipeline, LabelledData data)
    {
        if (pipeline.Root.Output.Kind != TaskOutputKind.Detections)
            throw new BadInputException($"--data: COCO's boxes measure detectors, and the first task of '{pipeline.Name}' is none, allowed: class folders, CSV or JSON lines");
        var categories = data.Samples.SelectMany(static s => s.Boxes).Select(static b => (b.Label, b.Group)).Distinct().ToArray();
        var later = pipeline.Root.Outgoing.SelectMany(e => pipeline.Tasks[e.To].Output.Labels).ToHashSet(StringComparer.Ordinal);
        string[] faults =
        [
            .. categories.Where(c => !IsLabel(pipeline.Root, c.Label) && !(IsLabel(pipeline.Root, c.Group) && later.Contains(c.Label))).Select(c =>
                $"--data: category '{c.Label}' (supercategory '{c.Group}') is no label of task '{pipeline.Root.Name}', nor a class of a later task with a supercategory that is, allowed: {string.Join(", ", pipeline.Root.Output.Labels)}"),
        ];
        if (faults.Length > 0)
            throw new BadInputException(faults);
    }

    private List<(string Label, OutputRow Row)>[][] Lists(int count) => [.. Enumerable.Range(0, count).Select(_ => new List<(string, OutputRow)>[_samples.Length])];
}
