// The stage queues live here; the planner makes and retires them. Only the queue that a trigger listens on is declared.
import { tagMap } from 'types.bicep'

@description('Region.')
param location string

@description('Tags.')
param tags tagMap

@description('Name of the namespace.')
@minLength(6)
@maxLength(50)
param name string

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

@description('Name of the namespace.')
output name string = namespace.name
