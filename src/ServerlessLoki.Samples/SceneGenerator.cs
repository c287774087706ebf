using ServerlessLoki.Samples.Painting;

namespace ServerlessLoki.Samples;

/// <summary>
/// Draws street scenes: houses, a four-lane road, pavements, vehicles and people at many distances, partly hidden,
/// by day and by night, sharp or blurred, with sensor noise. The same seed gives the same bytes on every machine.
/// </summary>
public static class SceneGenerator
{
    /// <summary>Scene width in pixels.</summary>
    public const int Width = 320;

    /// <summary>Scene height in pixels.</summary>
    public const int Height = 240;

    /// <summary>Least visible share of an object; objects that show less are left out of the scene.</summary>
    public const double LeastVisible = 0.35;

    private static readonly double[] s_vehicleWeights = [1.5, 1.2, 1.2, 1, 1, 1, 0.8, 0.8, 0.6];
    private static readonly double[] s_vehicleCounts = [0.05, 0.22, 0.3, 0.25, 0.13, 0.05];
    private static readonly double[] s_personCounts = [0.2, 0.32, 0.28, 0.15, 0.05];

    /// <summary>Draws the scene of a seed.</summary>
    public static Scene Generate(ulong seed)
    {
        var random = new SceneRandom(seed);
        var plan = StreetPlan.Draw(random);
        var actors = Cast(plan, random);
        var backdrop = random.NextBits();
        while (true)
        {
            var canvas = new Canvas(Width, Height);
            StreetPainter.Backdrop(canvas, plan, new SceneRandom(backdrop));
            var objects = Perform(canvas, actors);
            var hidden = objects.FindIndex(o => o.VisibleShare < LeastVisible);
            if (hidden < 0)
            {
                var image = Camera.Expose(canvas.Resolve(), Width, Height, random);
                return new Scene(seed, image, objects);
            }

            // Taking one object out can show another, so the scene is drawn again.
            actors.Remove(actors.Where(a => a.Kind is not null).ElementAt(hidden));
        }
    }

    private static List<SceneObject> Perform(Canvas canvas, List<Actor> actors)
    {
        var drawn = new List<(Actor Actor, int Count, SceneBox Box)>();
        foreach (var actor in actors)
        {
            canvas.Own(actor.Kind is null ? 0 : drawn.Count + 1);
            actor.Draw(canvas);
            if (actor.Kind is not null)
            {
                var (count, box) = canvas.Extent();
                drawn.Add((actor, count, box));
            }
        }

        return drawn.ConvertAll(d => new SceneObject(
            d.Actor.Kind!.Value,
            d.Actor.Label,
            d.Box,
            d.Count == 0 ? 0 : canvas.Visible(drawn.IndexOf(d) + 1) / (double)d.Count));
    }

    private static List<Actor> Cast(StreetPlan plan, SceneRandom random)
    {
        var actors = new List<Actor>();
        Span<int> direction = [-1, -1, 1, 1];
        for (var i = random.Weighted(s_vehicleCounts); i > 0; i--)
        {
            var label = random.Weighted(s_vehicleWeights);
            for (var attempt = 0; attempt < 12; attempt++)
            {
                var lane = random.Below(StreetPlan.Lanes);
                var ground = plan.LaneEdge(lane) + ((plan.LaneEdge(lane + 1) - plan.LaneEdge(lane)) * random.Range(0.5, 0.85));
                var scale = plan.ScaleAt(ground);
                var length = VehiclePainter.LengthOf(label) * scale;
                var left = random.Range(-length * 0.25, Width - (length * 0.75));
                if (actors.TrueForAll(a => a.Lane != lane || left > a.Right + 3 || left + length < a.Left - 3))
                {
                    actors.Add(new Actor(SceneObjectKind.Car, label, lane, left, left + length, ground, scale, direction[lane], random.NextBits()));
                    break;
                }
            }
        }

        for (var i = random.Weighted(s_personCounts); i > 0; i--)
        {
            var place = random.Next();
            var ground = place < 0.35
                ? random.Range(plan.HouseFoot + 3, plan.RoadTop - 1)
                : place < 0.8 ? random.Range(plan.RoadBottom + 4, Height - 6.0) : random.Range(plan.RoadTop + 6, plan.RoadBottom - 4);
            var x = random.Range(8, Width - 8.0);
            actors.Add(new Actor(
                SceneObjectKind.Person, random.Below(TrafficLabels.Persons.Count), -1, x, x, ground, plan.ScaleAt(ground) * 1.25, random.Chance(0.5) ? 1 : -1, random.NextBits()));
        }

        for (var i = random.Below(6); i > 0; i--)
        {
            var ground = random.Chance(0.55) ? plan.RoadTop - 2 : random.Range(plan.RoadBottom + 5, Height - 1.0);
            var x = random.Range(0, Width);
            actors.Add(new Actor(null, random.Below(6), -1, x, x, ground, plan.ScaleAt(ground), 1, random.NextBits()));
        }

        // Nearer things hide farther ones; a stable order keeps the scene the same everywhere.
        return [.. actors.OrderBy(a => a.Ground)];
    }
}
