namespace ServerlessLoki.Samples.Evaluation;

/// <summary>Counts while scenes pass; indices are variants in the pipeline file's order.</summary>
internal sealed class Tally(int detectors, int vehicles, int persons)
{
    private readonly AveragePrecision[,] _precision = Fill(detectors);
    private readonly int[] _truths = new int[2];
    private readonly int[,] _top1 = new int[2, Math.Max(vehicles, persons)];
    private readonly int[] _answers = new int[detectors];
    private readonly int[,,] _right = new int[detectors, 2, Math.Max(vehicles, persons)];

    /// <summary>Objects that a scene holds.</summary>
    public void AddTruths(SceneObjectKind kind, int count)
    {
        _truths[(int)kind] += count;
        for (var d = 0; d < detectors; d++)
        {
            _precision[d, (int)kind].AddTruths(count);
        }
    }

    /// <summary>Ground-truth boxes that a classifier named rightly.</summary>
    public void AddTop1(SceneObjectKind kind, int classifier, int right) => _top1[(int)kind, classifier] += right;

    /// <summary>One row of a detector.</summary>
    public void AddDetection(int detector, SceneObjectKind kind, float score, bool hit) => _precision[detector, (int)kind].Add(score, hit);

    /// <summary>Detections that went on to the second stage.</summary>
    public void AddAnswers(int detector, int count) => _answers[detector] += count;

    /// <summary>Answers that matched an object and named it rightly.</summary>
    public void AddRight(int detector, SceneObjectKind kind, int classifier, int right) => _right[detector, (int)kind, classifier] += right;

    /// <summary>The figures, rounded to four digits.</summary>
    public AccuracyReport Report(TrafficModels models, int scenes, ulong firstSeed, string rules)
    {
        var found = new List<DetectorAccuracy>();
        var paths = new List<PathAccuracy>();
        var objects = _truths[0] + _truths[1];
        for (var d = 0; d < detectors; d++)
        {
            var (car, person) = (_precision[d, 0].Value(), _precision[d, 1].Value());
            found.Add(new DetectorAccuracy(models.Detectors[d].Name, Round((car + person) / 2), Round(car), Round(person)));
            for (var v = 0; v < vehicles; v++)
            {
                for (var p = 0; p < persons; p++)
                {
                    var right = _right[d, 0, v] + _right[d, 1, p];
                    var product = (car + person) / 2 * (_top1[0, v] + _top1[1, p]) / objects;
                    paths.Add(new PathAccuracy(
                        models.Detectors[d].Name, models.Vehicles[v].Name, models.Persons[p].Name, Round(2.0 * right / (_answers[d] + objects)), Round(product)));
                }
            }
        }

        return new AccuracyReport
        {
            Command = $"loki sample evaluate --scenes {scenes} --seed {firstSeed}",
            Rules = rules,
            Scenes = scenes,
            FirstSeed = firstSeed,
            Vehicles = _truths[0],
            Persons = _truths[1],
            Detectors = found,
            Classifiers =
            [
                .. models.Vehicles.Select((m, i) => new ClassifierAccuracy(m.Name, Round(_top1[0, i] / (double)_truths[0]))),
                .. models.Persons.Select((m, i) => new ClassifierAccuracy(m.Name, Round(_top1[1, i] / (double)_truths[1]))),
            ],
            Paths = paths,
        };
    }

    private static double Round(double value) => double.IsFinite(value) ? Math.Round(value, 4) : 0;

    private static AveragePrecision[,] Fill(int detectors)
    {
        var all = new AveragePrecision[detectors, 2];
        for (var d = 0; d < detectors; d++)
        {
            all[d, 0] = new AveragePrecision();
            all[d, 1] = new AveragePrecision();
        }

        return all;
    }
}
