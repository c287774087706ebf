using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Report;

/// <summary>What the page's script draws; times in seconds from the start.</summary>
/// <param name="Seconds">Length of the time axis.</param>
/// <param name="Step">Seconds between two points of a course.</param>
/// <param name="Demand">Arrivals per second.</param>
/// <param name="Slos">Each pipeline's SLO.</param>
/// <param name="SeveralTasks">Whether a variant's name needs its task beside it.</param>
/// <param name="SizeTitle">What <see cref="ReportPolicy.Size"/> is.</param>
/// <param name="Bound">The clairvoyant bound; null where none is known.</param>
/// <param name="Policies">In the order of the table; those that refused are not here.</param>
internal sealed record ReportData(
    int Seconds, int Step, ImmutableArray<double> Demand, ImmutableArray<ReportSlo> Slos, bool SeveralTasks, string SizeTitle, ReportBound? Bound,
    ImmutableArray<ReportPolicy> Policies);

/// <summary>The bound's point in the trade-off and its course.</summary>
internal sealed record ReportBound(double Violation, double Accuracy, double Size, ImmutableArray<double> Served, ImmutableArray<double> Accuracies, ImmutableArray<double> Servers);

/// <summary>SLO of a pipeline.</summary>
internal sealed record ReportSlo(string Name, double Ms);

/// <summary>One policy's point in the trade-off and its course.</summary>
internal sealed record ReportPolicy(
    string Label, double Violation, double ViolationError, double Accuracy, double AccuracyError, double Size, ImmutableArray<double> Served,
    ImmutableArray<double> Accuracies, ImmutableArray<double> P99, ImmutableArray<double> Servers, ImmutableArray<ReportVariant> Variants, ImmutableArray<double> Changes);

/// <summary>Slots of one variant; rank 0 is the least accurate of its task.</summary>
internal sealed record ReportVariant(string Task, int TaskIndex, string Name, int Rank, int Count, ImmutableArray<double> Slots);
