namespace ServerlessLoki.Samples.Evaluation;

/// <summary>
/// Average precision of one class at IoU 0.5 by the all-point rule (PASCAL VOC 2010 and later): detections of all
/// scenes are ordered by score; precision is made non-increasing from the right; the area under it over recall counts.
/// </summary>
internal sealed class AveragePrecision
{
    private readonly List<(float Score, bool Hit)> _detections = [];
    private int _truths;

    /// <summary>Adds one scene's ground-truth objects of the class.</summary>
    public void AddTruths(int count) => _truths += count;

    /// <summary>Adds one detection, and whether it matched an object that no better detection had taken.</summary>
    public void Add(float score, bool hit) => _detections.Add((score, hit));

    /// <summary>Adds the counts of later scenes.</summary>
    public void Add(AveragePrecision later)
    {
        _truths += later._truths;
        _detections.AddRange(later._detections);
    }

    /// <summary>Computes the average precision, 0..1; 0 without ground truth.</summary>
    public double Value()
    {
        if (_truths == 0)
        {
            return 0;
        }

        // A stable order, so that equal scores give the same figure everywhere.
        var ordered = _detections.OrderByDescending(d => d.Score).ToArray();
        var precision = new double[ordered.Length];
        var hits = 0;
        for (var i = 0; i < ordered.Length; i++)
        {
            hits += ordered[i].Hit ? 1 : 0;
            precision[i] = hits / (double)(i + 1);
        }

        var area = 0.0;
        var best = 0.0;
        for (var i = ordered.Length - 1; i >= 0; i--)
        {
            best = Math.Max(best, precision[i]);
            area += ordered[i].Hit ? best : 0;
        }

        return area / _truths;
    }
}
