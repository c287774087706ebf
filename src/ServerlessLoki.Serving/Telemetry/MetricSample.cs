using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Telemetry;

/// <summary>Value of an observable instrument.</summary>
/// <param name="Tags">Tags in the order in which they are published.</param>
/// <param name="Value">Value in the instrument's unit.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MetricSample(ImmutableArray<KeyValuePair<string, object?>> Tags, double Value);
