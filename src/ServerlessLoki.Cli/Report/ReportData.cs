using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Report;

/// <summary>Data of the page's script; times in seconds from the start.</summary>
/// <param name="Seconds">Length of the time axis.</param>
/// <param name="Step">Seconds between two points of a course.</param>
/// <param name="Demand">Arrivals per second.</param>
/// <param name="Slos">SLO of each pipeline.</param>
/// <param name="SeveralTasks">True if a variant's name is shown with its task.</param>
/// <param name="SizeTitle">Title of <see cref="ReportPolicy.Size"/>.</param>
/// <param name="Bound">The clairvoyant bound; null where none is known.</param>
/// <param name="Policies">Policies in the order of the table, without those that refused.</param>
internal sealed record ReportData(
    int Seconds, int Step, ImmutableArray<double> Demand, ImmutableArray<ReportSlo> Slos, bool SeveralTasks, string SizeTitle, ReportBound? Bound,
    ImmutableArray<ReportPolicy> Policies);

/// <summary>Point of the bound in the trade-off, and its time course.</summary>
internal sealed record ReportBound(double Violation, double Accuracy, double Size, ImmutableArray<double> Served, ImmutableArray<double> Accuracies, ImmutableArray<double> Servers);

/// <summary>SLO of a pipeline.</summary>
internal sealed record ReportSlo(string Name, double Ms);

/// <summary>Point of one policy in the trade-off, and its time course.</summary>
internal sealed record ReportPolicy(
    string Label, double Violation, double ViolationError, double Accuracy, double AccuracyError, double Size, ImmutableArray<double> Served,
    ImmutableArray<double> Accuracies, ImmutableArray<double> P99, ImmutableArray<double> Servers, ImmutableArray<ReportVariant> Variants, ImmutableArray<double> Changes);

/// <summary>Slots of one variant; rank 0 is the least accurate of its task.</summary>
internal sealed record ReportVariant(string Task, int TaskIndex, string Name, int Rank, int Count, ImmutableArray<double> Slots);
