using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Receiver of the demand of runs, so that it is planned for in addition to queries.</summary>
public interface IRunDemand
{
    /// <summary>Records that a run waits to begin or for an answer. A run that keeps waiting calls repeatedly, since it is still
    /// demand.</summary>
    /// <param name="pipeline">Pipeline name.</param>
    void Waits(string pipeline);

    /// <summary>Records that a stage has answered, to learn how many children it has.</summary>
    /// <exception cref="FormatException">The answer names something that this process does not know.</exception>
    void Answered(StageReply reply);
}
