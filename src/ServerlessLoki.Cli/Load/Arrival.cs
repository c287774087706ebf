using System.Runtime.InteropServices;

namespace ServerlessLoki.Cli.Load;

/// <summary>One query that is to be sent.</summary>
/// <param name="AtUs">Intended send time since the start, microseconds.</param>
/// <param name="Phase">Index of its phase.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Arrival(long AtUs, int Phase);
