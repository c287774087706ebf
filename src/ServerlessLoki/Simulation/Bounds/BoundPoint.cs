namespace ServerlessLoki.Simulation.Bounds;

/// <summary>Upper bounds of a cluster at a steady demand. Except for the second, each figure is the best one given those before
/// it.</summary>
/// <param name="ServedQps">Most queries per second that all pipelines together can answer.</param>
/// <param name="MostAccuracyQps">Largest sum of accuracies of the queries of one second, however few are served.</param>
/// <param name="AccuracyQps">Largest sum of accuracies of the queries of one second while <paramref name="ServedQps"/> are served.</param>
/// <param name="PricePerHour">Least price of the slots in use while that many queries are served at that accuracy; 0 where nothing has a
/// price.</param>
/// <param name="Slots">Slots in use at that price; may be a fraction.</param>
public readonly record struct BoundPoint(double ServedQps, double MostAccuracyQps, double AccuracyQps, double PricePerHour, double Slots);
