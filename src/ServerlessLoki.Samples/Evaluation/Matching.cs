namespace ServerlessLoki.Samples.Evaluation;

/// <summary>Pairs detections with ground truth: best score first, each object once, same kind, highest IoU of at least 0.5.</summary>
internal static class Matching
{
    /// <summary>Least intersection over union that counts as found.</summary>
    public const double LeastIou = 0.5;

    /// <summary>Finds, for each detection (ordered by falling score), the index of its object, or −1.</summary>
    public static int[] Match(IReadOnlyList<Detection> detections, IReadOnlyList<SceneObject> objects)
    {
        var taken = new bool[objects.Count];
        var result = new int[detections.Count];
        for (var d = 0; d < result.Length; d++)
        {
            var best = -1;
            var bestIou = LeastIou;
            for (var o = 0; o < taken.Length; o++)
            {
                var iou = taken[o] || objects[o].Kind != detections[d].Kind ? 0 : objects[o].Box.Iou(detections[d].Box);
                if (iou >= bestIou && (best < 0 || iou > bestIou))
                {
                    (best, bestIou) = (o, iou);
                }
            }

            result[d] = best;
            if (best >= 0)
            {
                taken[best] = true;
            }
        }

        return result;
    }
}
