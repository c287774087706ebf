// The stage queues live here; the planner makes and retires them. Declared are the queue that a trigger listens on and those that a
// scaler counts: they must be there from the first moment.
import { tagMap } from 'types.bicep'

@description('Region.')
param location string

@description('Tags.')
param tags tagMap

@description('Name of the namespace.')
@minLength(6)
@maxLength(50)
param name string

@description('Kinds of worker, each with a queue that says that it is in demand.')
param devices string[]

@description('Premium tier without public access, for private endpoints.')
param closed bool

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: closed ? 'Premium' : 'Standard'
    tier: closed ? 'Premium' : 'Standard'
    capacity: closed ? 1 : null
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: closed ? 'Disabled' : 'Enabled'
  }

  resource stageResults 'queues' = {
    name: 'stage-results'
    properties: {
      lockDuration: 'PT1M'
      maxDeliveryCount: 10
      defaultMessageTimeToLive: 'P1D'
      deadLetteringOnMessageExpiration: true
      // A worker that died after its reply sends it again with the same id.
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: 'PT10M'
    }
  }
}

resource demand 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = [
  for device in devices: {
    parent: namespace
    name: 'demand-${device}'
    properties: {
      defaultMessageTimeToLive: 'PT1M'
      deadLetteringOnMessageExpiration: false
    }
  }
]

@description('Name of the namespace.')
output name string = namespace.name
