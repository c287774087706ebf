using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>A pipeline file was refused.</summary>
public sealed class PipelineFormatException : FaultException
{
    /// <summary>Refuses a file for all that is wrong with it.</summary>
    /// <param name="source">The file, for the message.</param>
    /// <param name="faults">At least one.</param>
    public PipelineFormatException(string source, IEnumerable<Fault> faults)
        : base(source, faults)
    {
    }
}
