namespace ServerlessLoki.Samples.Evaluation;

/// <summary>Accuracy of a detector.</summary>
/// <param name="Name">Name of the variant.</param>
/// <param name="MeanAp50">The mean of the two classes' average precisions at IoU 0.5, all-point rule.</param>
/// <param name="CarAp50">Average precision of vehicles alone.</param>
/// <param name="PersonAp50">Average precision of people alone.</param>
public sealed record DetectorAccuracy(string Name, double MeanAp50, double CarAp50, double PersonAp50);
