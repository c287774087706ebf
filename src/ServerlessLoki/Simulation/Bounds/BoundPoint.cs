namespace ServerlessLoki.Simulation.Bounds;

/// <summary>What a cluster can do at most with a steady demand; but for the second, each figure is the best one after those before it.</summary>
/// <param name="ServedQps">Most queries per second that all pipelines together can answer.</param>
/// <param name="MostAccuracyQps">Sum of the accuracies of the queries of one second, the most however few are served.</param>
/// <param name="AccuracyQps">Sum of the accuracies of the queries of one second, the most while so many are served.</param>
/// <param name="PricePerHour">Least price of the slots in use while so many are served so accurately; 0 where nothing has a price.</param>
/// <param name="Slots">Slots in use then, a fraction of a slot included.</param>
public readonly record struct BoundPoint(double ServedQps, double MostAccuracyQps, double AccuracyQps, double PricePerHour, double Slots);
