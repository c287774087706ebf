using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Ports;

/// <summary>Key of one stage queue: all replicas of a variant share it.</summary>
/// <param name="Pipeline">Pipeline name.</param>
/// <param name="Task">Task name.</param>
/// <param name="Variant">Variant name.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StageKey(string Pipeline, string Task, string Variant)
{
    /// <inheritdoc />
    public override string ToString() => $"{Pipeline}/{Task}/{Variant}";
}
