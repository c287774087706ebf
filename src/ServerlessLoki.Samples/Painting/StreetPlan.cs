namespace ServerlessLoki.Samples.Painting;

/// <summary>Camera position: the heights of kerbs and lanes in pixels and the scale at each height.</summary>
/// <param name="HouseFoot">Height at which the houses meet the far pavement, pixels.</param>
/// <param name="RoadTop">Height of the far kerb, pixels.</param>
/// <param name="RoadBottom">Height of the near kerb, pixels.</param>
/// <param name="Zoom">Pixels per metre for each pixel below the vanishing line.</param>
/// <param name="Vanish">Height of the vanishing line, pixels.</param>
internal sealed record StreetPlan(double HouseFoot, double RoadTop, double RoadBottom, double Zoom, double Vanish)
{
    /// <summary>Number of lanes on the road, numbered from the far one.</summary>
    public const int Lanes = 4;

    /// <summary>Draws a random camera position.</summary>
    public static StreetPlan Draw(SceneRandom random)
    {
        var foot = random.Range(98, 116);
        var far = foot + random.Range(11, 17);
        var near = random.Range(196, 212);
        return new StreetPlan(foot, far, near, random.Range(0.098, 0.128), foot - random.Range(54, 62));
    }

    /// <summary>Returns the pixels per metre at a height of the image.</summary>
    public double ScaleAt(double ground) => (ground - Vanish) * Zoom;

    /// <summary>Returns the upper edge of a lane in pixels; nearer lanes look wider.</summary>
    public double LaneEdge(int lane)
    {
        var share = lane / (double)Lanes;
        return RoadTop + ((RoadBottom - RoadTop) * ((0.7 * share) + (0.3 * share * share)));
    }
}
