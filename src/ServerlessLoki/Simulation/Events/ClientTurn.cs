using System.Runtime.InteropServices;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Simulation.Events;

/// <summary>A client asks.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ClientTurn(Arrival Arrival, ClientTicket Ticket);

/// <summary>Whose query it is; that of an open stream is nobody's.</summary>
/// <param name="Group">Group of clients.</param>
/// <param name="Client">Client of it; −1 = nobody.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ClientTicket(int Group, int Client)
{
    public static ClientTicket Nobody { get; } = new(0, -1);
}
