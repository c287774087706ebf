using System.Runtime.InteropServices;

namespace ServerlessLoki.Cli.Load;

/// <summary>Scheduled query.</summary>
/// <param name="AtUs">Intended send time since the start, microseconds.</param>
/// <param name="Phase">Index of the query's phase.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Arrival(long AtUs, int Phase);
