namespace ServerlessLoki.Samples.Evaluation;

/// <summary>Counters over all scenes; indices are variants in the pipeline file's order.</summary>
internal sealed class Tally(string[] detectors, string[] vehicles, string[] persons)
{
    private readonly AveragePrecision[,] _precision = Fill(detectors.Length);
    private readonly int[] _truths = new int[2];
    private readonly int[,] _top1 = new int[2, Math.Max(vehicles.Length, persons.Length)];
    private readonly int[] _answers = new int[detectors.Length];
    private readonly int[,,] _right = new int[detectors.Length, 2, Math.Max(vehicles.Length, persons.Length)];

    /// <summary>Adds the number of objects in a scene.</summary>
    public void AddTruths(SceneObjectKind kind, int count)
    {
        _truths[(int)kind] += count;
        for (var d = 0; d < detectors.Length; d++)
        {
            _precision[d, (int)kind].AddTruths(count);
        }
    }

    /// <summary>Adds ground-truth boxes that a classifier named correctly.</summary>
    public void AddTop1(SceneObjectKind kind, int classifier, int right) => _top1[(int)kind, classifier] += right;

    /// <summary>Adds one row of a detector.</summary>
    public void AddDetection(int detector, SceneObjectKind kind, float score, bool hit) => _precision[detector, (int)kind].Add(score, hit);

    /// <summary>Adds detections that went on to the second stage.</summary>
    public void AddAnswers(int detector, int count) => _answers[detector] += count;

    /// <summary>Adds answers that matched an object and named it correctly.</summary>
    public void AddRight(int detector, SceneObjectKind kind, int classifier, int right) => _right[detector, (int)kind, classifier] += right;

    /// <summary>Adds the counts of later scenes.</summary>
    public void Add(Tally later)
    {
        for (var kind = 0; kind < 2; kind++)
        {
            _truths[kind] += later._truths[kind];
            for (var c = 0; c < _top1.GetLength(1); c++)
            {
                _top1[kind, c] += later._top1[kind, c];
            }
        }

        for (var d = 0; d < detectors.Length; d++)
        {
            _answers[d] += later._answers[d];
            for (var kind = 0; kind < 2; kind++)
            {
                _precision[d, kind].Add(later._precision[d, kind]);
                for (var c = 0; c < _right.GetLength(2); c++)
                {
                    _right[d, kind, c] += later._right[d, kind, c];
                }
            }
        }
    }

    /// <summary>Makes the report, rounded to four digits.</summary>
    public AccuracyReport Report(int scenes, ulong firstSeed, string rules)
    {
        var found = new List<DetectorAccuracy>();
        var paths = new List<PathAccuracy>();
        var objects = _truths[0] + _truths[1];
        for (var d = 0; d < detectors.Length; d++)
        {
            var (car, person) = (_precision[d, 0].Value(), _precision[d, 1].Value());
            found.Add(new DetectorAccuracy(detectors[d], Round((car + person) / 2), Round(car), Round(person)));
            for (var v = 0; v < vehicles.Length; v++)
            {
                for (var p = 0; p < persons.Length; p++)
                {
                    var right = _right[d, 0, v] + _right[d, 1, p];
                    var product = (car + person) / 2 * (_top1[0, v] + _top1[1, p]) / objects;
                    paths.Add(new PathAccuracy(
                        detectors[d], vehicles[v], persons[p], Round(2.0 * right / (_answers[d] + objects)), Round(product)));
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
                .. vehicles.Select((name, i) => new ClassifierAccuracy(name, Round(_top1[0, i] / (double)_truths[0]))),
                .. persons.Select((name, i) => new ClassifierAccuracy(name, Round(_top1[1, i] / (double)_truths[1]))),
            ],
            Paths = paths,
        };
    }

    private static double Round(double value) => double.IsFinite(value) ? Math.Round(value, 4) : 0;

    private static AveragePrecision[,] Fill(int count)
    {
        var all = new AveragePrecision[count, 2];
        for (var d = 0; d < count; d++)
        {
            all[d, 0] = new AveragePrecision();
            all[d, 1] = new AveragePrecision();
        }

        return all;
    }
}
